/**
 * One byte pattern searched forward through a read: the place found is kept, so a read is gone through once however
 * many frames it holds.
 */
export class Needle {
  readonly #pattern: Buffer;
  #next = -1;

  constructor(pattern: string) {
    this.#pattern = Buffer.from(pattern);
  }

  /** To be called when the bytes change. */
  restart(): void {
    this.#next = -1;
  }

  /** First place in [start, end), or -1. `start` never goes back between restarts. */
  within(bytes: Buffer, start: number, end: number): number {
    if (this.#next < start) {
      const found = bytes.indexOf(this.#pattern, start);
      this.#next = found === -1 ? Number.MAX_SAFE_INTEGER : found;
    }
    return this.#next < end ? this.#next : -1;
  }

  /** True when the pattern, which ends with the closing quote of a key, has a value other than null in [start, end). */
  hasValue(bytes: Buffer, start: number, end: number): boolean {
    for (let at = this.within(bytes, start, end); at !== -1; at = this.within(bytes, at + 1, end)) {
      const colon = skipSpace(bytes, at + this.#pattern.length);
      if (bytes[colon] === 0x3a && bytes[skipSpace(bytes, colon + 1)] !== 0x6e) return true;
    }
    return false;
  }
}

/** First byte from `from` that is no JSON white space. */
function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++;
  return at;
}
