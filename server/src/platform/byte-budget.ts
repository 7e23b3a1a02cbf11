/** How many bytes of bodies the whole process may hold at once. Whoever takes gives back exactly that much. */
export interface ByteBudget {
  /** False where it does not fit; then nothing was taken. */
  take(bytes: number): boolean;
  give(bytes: number): void;
  readonly takenBytes: number;
}

export function createByteBudget(limitBytes: number): ByteBudget {
  let takenBytes = 0;
  return {
    take(bytes) {
      if (takenBytes + bytes > limitBytes) return false;
      takenBytes += bytes;
      return true;
    },
    give(bytes) {
      if (bytes > takenBytes) throw new RangeError('more bytes given back than taken');
      takenBytes -= bytes;
    },
    get takenBytes() {
      return takenBytes;
    },
  };
}
