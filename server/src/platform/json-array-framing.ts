import type { Framing, SseFrame } from './sse.ts';

/**
 * Framing of a streamed JSON array (`[{...},\n{...}]`): a frame is one element with the separators before it; what
 * follows the last element is a frame of its own, without data. Same shape as `SseFraming`, so the same engines run on it.
 */
export class JsonArrayFraming implements Framing {
  #searched = 0;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  frameEnd(bytes: Buffer, from: number): number {
    for (let at = from + this.#searched; at < bytes.length; at++) {
      if (this.#closes(bytes[at] as number)) {
        this.#searched = 0;
        return at + 1;
      }
    }
    this.#searched = bytes.length - from;
    return -1;
  }

  /** Takes one byte; true when it is the last of a frame. The array's own brackets are not counted as depth. */
  #closes(byte: number): boolean {
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === 0x5c) this.#isEscaped = true;
      else if (byte === 0x22) this.#isInString = false;
      return false;
    }
    if (byte === 0x22) this.#isInString = true;
    else if (byte === 0x7b || (byte === 0x5b && this.#depth > 0)) this.#depth++;
    else if ((byte === 0x7d || byte === 0x5d) && this.#depth > 0) {
      this.#depth--;
      return this.#depth === 0;
    } else if (byte === 0x5d) return true;
    return false;
  }

  parse(bytes: Buffer, start: number, end: number): SseFrame {
    const element = bytes.indexOf(0x7b, start);
    const data = element === -1 || element >= end ? undefined : bytes.toString('utf8', element, end);
    return { event: undefined, data };
  }
}
