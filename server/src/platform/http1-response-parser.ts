import { CHUNKED, readResponseHead, UNTIL_CLOSE } from './http1-head.ts';
import type { ResponseHead } from './http1-head.ts';

/** What `next` found. `more` asks for the next read; after `malformed` nothing else comes. */
export type ParseStep = 'more' | 'head' | 'data' | 'end' | 'malformed';

const MAX_HEAD_BYTES = 64 * 1024;
const MAX_INFORMATIONAL_HEADS = 16;
const MAX_SIZE_DIGITS = 12;
const MAX_SIZE_LINE_BYTES = 1024;
const MAX_TRAILER_BYTES = 16 * 1024;
const FIRST_HEAD_BUFFER_BYTES = 2048;
const HEAD_START = 'HTTP/1.';
const HEAD_END = Buffer.from('\r\n\r\n');
const CR = 13;
const LF = 10;
const TAB = 9;
const SPACE = 32;
const SEMICOLON = 59;

type State = 'head' | 'fixed' | 'until-close' | 'chunked' | 'end' | 'malformed';

type ChunkState =
  | 'size-digits'
  | 'size-extension'
  | 'size-lf'
  | 'payload'
  | 'payload-cr'
  | 'payload-lf'
  | 'trailer'
  | 'trailer-lf';

/**
 * Pull parser for one HTTP/1.1 response: the owner feeds each read and asks for the next step, so it can stop between
 * any two steps. Chunk payloads that share a read are moved together inside that read (its bytes are overwritten), so
 * a read never yields more than one `data`.
 */
export class Http1ResponseParser {
  /** First byte of the read that was not consumed yet. */
  position = 0;
  dataStart = 0;
  dataEnd = 0;
  /** Set once `next` has answered `head`. */
  head: ResponseHead | undefined;
  #state: State = 'head';
  #chunkState: ChunkState = 'size-digits';
  #pending: Buffer | undefined;
  #pendingBytes = 0;
  #informationalHeads = 0;
  #remaining = 0;
  #sizeDigits = 0;
  #lineBytes = 0;
  #trailerBytes = 0;

  next(view: Buffer, from: number): ParseStep {
    switch (this.#state) {
      case 'head':
        return this.#readHead(view, from);
      case 'fixed':
        return this.#readFixed(view, from);
      case 'until-close':
        this.position = view.length;
        return this.#data(from, view.length);
      case 'end':
        this.position = from;
        return 'end';
      case 'chunked':
        return this.#readChunked(view, from);
      case 'malformed':
    }
    return 'malformed';
  }

  /** True where the connection's end is the body's end. */
  get endsAtClose(): boolean {
    return this.#state === 'until-close';
  }

  #readHead(view: Buffer, from: number): ParseStep {
    if (this.#pendingBytes === 0) {
      const end = view.indexOf(HEAD_END, from);
      if (end >= 0) {
        if (end - from > MAX_HEAD_BYTES) return this.#refuse();
        this.position = end + HEAD_END.length;
        return this.#takeHead(view.toString('latin1', from, end), view);
      }
    }
    return this.#collectHead(view, from);
  }

  /** The rare case: a head that is spread over several reads. */
  #collectHead(view: Buffer, from: number): ParseStep {
    const before = this.#pendingBytes;
    const taken = Math.min(view.length - from, MAX_HEAD_BYTES + HEAD_END.length - before);
    const pending = this.#pendingRoom(before + taken);
    view.copy(pending, before, from, from + taken);
    this.#pendingBytes = before + taken;
    const filled = pending.subarray(0, this.#pendingBytes);
    const end = filled.indexOf(HEAD_END, Math.max(0, before - HEAD_END.length + 1));
    if (end >= 0) {
      this.position = from + end + HEAD_END.length - before;
      this.#pendingBytes = 0;
      return this.#takeHead(filled.toString('latin1', 0, end), view);
    }
    const start = filled.toString('latin1', 0, HEAD_START.length);
    if (!HEAD_START.startsWith(start) || this.#pendingBytes > MAX_HEAD_BYTES) return this.#refuse();
    this.position = view.length;
    return 'more';
  }

  #pendingRoom(bytes: number): Buffer {
    const current = this.#pending;
    if (current !== undefined && current.length >= bytes) return current;
    const grown = Buffer.allocUnsafe(Math.max(FIRST_HEAD_BUFFER_BYTES, bytes * 2));
    current?.copy(grown, 0, 0, this.#pendingBytes);
    this.#pending = grown;
    return grown;
  }

  #takeHead(text: string, view: Buffer): ParseStep {
    const head = readResponseHead(text);
    if (head === undefined) return this.#refuse();
    if (head.status < 200) {
      this.#informationalHeads += 1;
      // We never ask to change protocols, so a 101 is a violation.
      if (head.status === 101 || this.#informationalHeads > MAX_INFORMATIONAL_HEADS) return this.#refuse();
      return this.#readHead(view, this.position);
    }
    this.head = head;
    this.#pending = undefined;
    this.#remaining = head.bodyLength;
    if (head.bodyLength === CHUNKED) this.#state = 'chunked';
    else if (head.bodyLength === UNTIL_CLOSE) this.#state = 'until-close';
    else this.#state = head.bodyLength === 0 ? 'end' : 'fixed';
    return 'head';
  }

  #readFixed(view: Buffer, from: number): ParseStep {
    const end = Math.min(view.length, from + this.#remaining);
    this.position = end;
    this.#remaining -= end - from;
    if (this.#remaining === 0) this.#state = 'end';
    return this.#data(from, end);
  }

  #data(start: number, end: number): ParseStep {
    this.dataStart = start;
    this.dataEnd = end;
    return end > start ? 'data' : 'more';
  }

  #readChunked(view: Buffer, from: number): ParseStep {
    let position = from;
    let start = from;
    let end = from;
    while (position < view.length && this.#state === 'chunked') {
      if (this.#chunkState !== 'payload') {
        this.#readFraming(view[position] as number);
        position += 1;
        continue;
      }
      const taken = Math.min(this.#remaining, view.length - position);
      if (end === start) start = end = position;
      else view.copyWithin(end, position, position + taken);
      end += taken;
      position += taken;
      this.#remaining -= taken;
      if (this.#remaining === 0) this.#chunkState = 'payload-cr';
    }
    this.position = position;
    if (end > start) return this.#data(start, end);
    return this.#state === 'chunked' ? 'more' : this.next(view, position);
  }

  #readFraming(byte: number): void {
    switch (this.#chunkState) {
      case 'size-digits':
        this.#readSizeDigit(byte);
        return;
      case 'size-extension':
        this.#lineBytes += 1;
        if (byte === CR) this.#chunkState = 'size-lf';
        else if (byte === LF || this.#lineBytes > MAX_SIZE_LINE_BYTES) this.#refuse();
        return;
      case 'size-lf':
        this.#lineBytes = 0;
        this.#expect(byte, LF, this.#remaining === 0 ? 'trailer' : 'payload');
        return;
      case 'payload':
        return;
      case 'payload-cr':
        this.#expect(byte, CR, 'payload-lf');
        return;
      case 'payload-lf':
        this.#sizeDigits = 0;
        this.#expect(byte, LF, 'size-digits');
        return;
      case 'trailer':
        this.#readTrailer(byte);
        return;
      case 'trailer-lf':
        if (byte === LF && this.#lineBytes === 0) this.#state = 'end';
        else this.#expect(byte, LF, 'trailer');
        this.#lineBytes = 0;
    }
  }

  #readSizeDigit(byte: number): void {
    const value = hexValue(byte);
    if (value >= 0) {
      this.#remaining = this.#sizeDigits === 0 ? value : this.#remaining * 16 + value;
      this.#sizeDigits += 1;
      if (this.#sizeDigits > MAX_SIZE_DIGITS) this.#refuse();
      return;
    }
    if (this.#sizeDigits === 0) this.#refuse();
    else if (byte === CR) this.#chunkState = 'size-lf';
    else if (byte === SEMICOLON || byte === SPACE || byte === TAB) this.#chunkState = 'size-extension';
    else this.#refuse();
  }

  /** Trailers are read and dropped: nothing in our protocols uses them. */
  #readTrailer(byte: number): void {
    this.#trailerBytes += 1;
    if (byte === CR) this.#chunkState = 'trailer-lf';
    else if (byte === LF || this.#trailerBytes > MAX_TRAILER_BYTES) this.#refuse();
    else this.#lineBytes += 1;
  }

  #expect(byte: number, wanted: number, then: ChunkState): void {
    if (byte === wanted) this.#chunkState = then;
    else this.#refuse();
  }

  #refuse(): ParseStep {
    this.#state = 'malformed';
    return 'malformed';
  }
}

function hexValue(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
