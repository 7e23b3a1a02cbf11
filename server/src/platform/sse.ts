/**
 * Framing of server-sent events: bytes in, frames out, whatever way the bytes were split. Knows no JSON and no protocol.
 * `SseFraming` finds where frames end without touching their content (passthrough); `parse` reads the fields of
 * one; `createSseReader` does both for translation. A frame ends with the blank line that closes it.
 */
export interface SseFrame {
  readonly event: string | undefined;
  /** The `data` lines joined by line feeds; `undefined` for a frame of comments or blank lines only. */
  readonly data: string | undefined;
}

/** Finds frame ends in bytes that grow: `from` is the start of a frame, the answer its end or -1. */
export interface Framing {
  frameEnd(bytes: Buffer, from: number): number;
  parse(bytes: Buffer, start: number, end: number): SseFrame;
}

export const maxFrameBytes = 1024 * 1024;
const lf = 0x0a;
const cr = 0x0d;
const colon = 0x3a;
const space = 0x20;

/**
 * One stream's framing. LF and CRLF lines need one native search a line. A stream whose first line ends in a lone CR
 * (legal, hardly met) is read by CR from then on, so that a frame never waits for a line feed that does not come.
 */
export class SseFraming implements Framing {
  #lineEnd: 'unknown' | 'lf' | 'cr' = 'unknown';
  /** Bytes of the unfinished frame already searched, so that a frame in many small reads is not searched anew each time. */
  #searched = 0;

  frameEnd(bytes: Buffer, from: number): number {
    if (this.#lineEnd === 'unknown') this.#lineEnd = lineEndOf(bytes, from);
    const searchFrom = from + this.#searched;
    const end = this.#lineEnd === 'cr' ? endByCr(bytes, searchFrom) : endByLf(bytes, searchFrom);
    this.#searched = end === -1 ? Math.max(0, bytes.length - from - 3) : 0;
    return end;
  }

  parse(bytes: Buffer, start: number, end: number): SseFrame {
    return parseSseFrame(bytes, start, end);
  }
}

/** Small frames are walked, since the call of a native search would cost more; what is longer is searched natively. */
const walkedBytes = 512;

function endByLf(bytes: Buffer, from: number): number {
  const walkEnd = Math.min(bytes.length, from + walkedBytes);
  for (let at = from; at < walkEnd; at++) {
    if (bytes[at] !== lf) continue;
    const end = endAfterLf(bytes, at);
    if (end !== -1) return end;
  }
  let at = walkEnd === bytes.length ? -1 : bytes.indexOf(lf, walkEnd);
  while (at !== -1) {
    const end = endAfterLf(bytes, at);
    if (end !== -1) return end;
    at = bytes.indexOf(lf, at + 1);
  }
  return -1;
}

/** The end of the blank line right after the line feed at `at`, or -1. */
function endAfterLf(bytes: Buffer, at: number): number {
  const next = bytes[at + 1];
  if (next === lf) return at + 2;
  return next === cr && bytes[at + 2] === lf ? at + 3 : -1;
}

function endByCr(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(cr, from);
  while (at !== -1) {
    if (bytes[at + 1] === cr) return at + 2;
    at = bytes.indexOf(cr, at + 1);
  }
  return -1;
}

/** A CR at the very end may be half of a CRLF: not known yet. */
function lineEndOf(bytes: Buffer, from: number): 'unknown' | 'lf' | 'cr' {
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] === lf) return 'lf';
    if (bytes[at] !== cr) continue;
    if (at + 1 === bytes.length) return 'unknown';
    return bytes[at + 1] === lf ? 'lf' : 'cr';
  }
  return 'unknown';
}

/** Reads the fields of the frame in [start, end). Unknown fields, `id` and `retry` are passed over. */
function parseSseFrame(bytes: Buffer, start: number, end: number): SseFrame {
  let event: string | undefined;
  let data: string | undefined;
  let at =
    bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf ? start + 3 : start;
  while (at < end) {
    const lineEnd = endOfLine(bytes, at, end);
    if (lineEnd - at >= 5 && startsField(bytes, at, lineEnd, 'data')) {
      const line = fieldValue(bytes, at + 4, lineEnd);
      data = data === undefined ? line : `${data}\n${line}`;
    } else if (lineEnd - at >= 6 && startsField(bytes, at, lineEnd, 'event')) {
      event = fieldValue(bytes, at + 5, lineEnd);
    }
    at = lineEnd + (bytes[lineEnd] === cr && bytes[lineEnd + 1] === lf ? 2 : 1);
  }
  return { event, data };
}

function endOfLine(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== lf && bytes[at] !== cr) at++;
  return at;
}

function startsField(bytes: Buffer, at: number, lineEnd: number, name: 'data' | 'event'): boolean {
  for (let offset = 0; offset < name.length; offset++) {
    if (bytes[at + offset] !== name.charCodeAt(offset)) return false;
  }
  return at + name.length < lineEnd && bytes[at + name.length] === colon;
}

function fieldValue(bytes: Buffer, colonAt: number, lineEnd: number): string {
  const from = bytes[colonAt + 1] === space ? colonAt + 2 : colonAt + 1;
  return bytes.toString('utf8', Math.min(from, lineEnd), lineEnd);
}

export interface SseReader {
  /** Frames that this read completed. Throws `RangeError` past `maxFrameBytes` of unfinished frame. */
  push(view: Buffer): readonly SseFrame[];
  /** The stream ended; a last frame without its blank line is still a frame. */
  finish(): readonly SseFrame[];
}

/** Reads whole frames with data off a byte stream; comments and blank lines vanish. */
export function createSseReader(): SseReader {
  const framing = new SseFraming();
  const unfinished = new UnfinishedFrame();
  return {
    push(view) {
      const bytes = unfinished.join(view);
      const frames: SseFrame[] = [];
      let start = 0;
      for (let end = framing.frameEnd(bytes, 0); end !== -1; end = framing.frameEnd(bytes, start)) {
        addFrame(frames, parseSseFrame(bytes, start, end));
        start = end;
      }
      if (bytes.length - start > maxFrameBytes) throw new RangeError('a stream frame is larger than 1 MiB');
      unfinished.keep(bytes, start);
      return frames;
    },
    finish() {
      const frames: SseFrame[] = [];
      const rest = unfinished.take();
      if (rest.length > 0) addFrame(frames, parseSseFrame(rest, 0, rest.length));
      return frames;
    },
  };
}

function addFrame(frames: SseFrame[], frame: SseFrame): void {
  if (frame.data !== undefined) frames.push(frame);
}

const nothing = Buffer.alloc(0);

/** The tail of the reads so far that is not a whole frame yet. Grows by doubling, so small reads stay linear. */
export class UnfinishedFrame {
  #room = nothing;
  #size = 0;

  /** What was left and this read, as one; the read itself where nothing was left. */
  join(view: Buffer): Buffer {
    if (this.#size === 0) return view;
    const size = this.#size + view.length;
    if (size > this.#room.length) {
      const larger = Buffer.allocUnsafe(Math.max(size, this.#room.length * 2, 4096));
      this.#room.copy(larger, 0, 0, this.#size);
      this.#room = larger;
    }
    view.copy(this.#room, this.#size);
    this.#size = size;
    return this.#room.subarray(0, size);
  }

  /** Keeps `bytes` from `start` on. `bytes` is what `join` gave; its part before `start` stays valid for its receiver. */
  keep(bytes: Buffer, start: number): void {
    const isOwn = this.#size > 0;
    if (isOwn && start === 0) return;
    const left = bytes.length - start;
    if (left === 0) {
      this.#room = nothing;
      this.#size = 0;
      return;
    }
    const room = Buffer.allocUnsafe(Math.max(left * 2, 1024));
    bytes.copy(room, 0, start);
    this.#room = room;
    this.#size = left;
  }

  /** Ends it: the rest, handed over. */
  take(): Buffer {
    const rest = this.#room.subarray(0, this.#size);
    this.#room = nothing;
    this.#size = 0;
    return rest;
  }
}
