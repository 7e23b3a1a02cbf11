/** A unit vector that follows from the text alone; texts that share words point in similar directions. */
export function unitVector(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text];
  for (const word of words) {
    let state = seedOf(word);
    for (let index = 0; index < dimensions; index += 1) {
      state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
      vector[index] = (vector[index] ?? 0) + ((state >>> 8) / 0x800000 - 1);
    }
  }
  const length = Math.hypot(...vector);
  return vector.map((value) => (length === 0 ? 1 / Math.sqrt(dimensions) : value / length));
}

function seedOf(word: string): number {
  let seed = 0x811c9dc5;
  for (let index = 0; index < word.length; index += 1) {
    seed = Math.imul(seed ^ word.charCodeAt(index), 0x01000193);
  }
  return seed;
}
