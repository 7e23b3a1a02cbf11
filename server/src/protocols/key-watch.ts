/**
 * Looks for a few object keys in a small frame without parsing it. One pass in JavaScript: on frames of some hundred
 * bytes a native search costs more for its call than for its work, and several needles would take several calls.
 * A quote inside a JSON string is escaped, so `"key"` unescaped is a key or a whole string, never part of a text.
 */
const quote = 0x22;
const colon = 0x3a;
const letterN = 0x6e;

export class KeyWatch {
  /** Keys by their first letter. */
  readonly #byLetter: (Buffer | undefined)[] = Array.from({ length: 128 });

  /** Keys must differ in their first letter. */
  constructor(keys: readonly string[]) {
    for (const key of keys) this.#byLetter[key.charCodeAt(0)] = Buffer.from(`${key}"`);
  }

  /** The first watched key in [from, end) with a value other than null: the place of its quote, or -1. */
  find(bytes: Buffer, from: number, end: number): number {
    for (let at = from; at < end; at++) {
      if (bytes[at] !== quote) continue;
      const key = this.#byLetter[bytes[at + 1] as number];
      if (key !== undefined && hasValue(bytes, at + 1, key)) return at;
    }
    return -1;
  }
}

function hasValue(bytes: Buffer, from: number, key: Buffer): boolean {
  for (let offset = 1; offset < key.length; offset++) if (bytes[from + offset] !== key[offset]) return false;
  const after = skipSpace(bytes, from + key.length);
  return bytes[after] === colon && bytes[skipSpace(bytes, after + 1)] !== letterN;
}

/** First byte from `from` that is no JSON white space. */
function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++;
  return at;
}
