import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { latin1Of, smallBytes } from './latin1.ts';
import { giveWholeHead } from './whole-head.ts';

/** Where an answer goes: one response to one client, as seen by those who produce it. */
export interface ClientSink {
  /** Begins a streamed answer. Framing and connection headers are the sink's own: such entries are skipped. */
  head(status: number, headers: readonly string[]): void;
  /** Copies `view`. False asks the caller to stop until the drain listener is called. */
  write(view: Uint8Array): boolean;
  end(bytes?: Uint8Array): void;
  /** Whole unary answer in one go, with content-length. `body` is not copied: it must not change any more. */
  sendWhole(status: number, headers: readonly string[], body: Uint8Array): void;
  /** Called each time writing may go on after a `false`. One listener. */
  onDrain(listener: () => void): void;
  /** Called once if the client is gone before the answer was handed over whole. One listener. */
  onClose(listener: () => void): void;
  readonly hasHead: boolean;
  /** True once the client is gone or the answer was ended: further writes do nothing. */
  readonly isClosed: boolean;
  /** Cuts the connection, so that the client sees an answer that is not whole. */
  destroy(): void;
}

/** Framing is decided here; an entry copied from an upstream would contradict it. */
const OWNED_BY_SINK = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'trailer',
  'upgrade',
]);
/** Most names are told apart by their length alone: 1 where one of those above has it. */
const OWNED_SIZES = new Uint8Array(64);
for (const name of OWNED_BY_SINK) OWNED_SIZES[name.length] = 1;
const LAST_CHUNK = Buffer.from('0\r\n\r\n');
const NO_BYTES = Buffer.alloc(0);
const CRLF_BYTES = 2;

export function createClientSink(response: ServerResponse): ClientSink {
  return new ResponseSink(response);
}

/**
 * Streams go past `ServerResponse.write`: it makes four queue entries and a tick of every chunk, which costs more than
 * all else we do to it. Instead the head tells `node:http` that the body is chunked, then each chunk is framed here and
 * leaves in one socket write. `chunkedEncoding` is not documented, hence the tests that pin the raw bytes, and hence
 * the plain way (`#socket` undefined) where node has not given the response its socket yet (a pipelined request that
 * waits for its turn) or the client takes no chunks.
 */
class ResponseSink implements ClientSink {
  readonly #response: ServerResponse;
  /** Set while chunks are framed here. */
  #socket: Socket | undefined;
  #drainListener: (() => void) | undefined;
  #closeListener: (() => void) | undefined;
  #waitsForDrain = false;
  #hasEnded = false;
  #isGone = false;
  #hasHead = false;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.on('close', this.#onResponseClose);
    // A write that crosses the client's leaving reports here; the close follows and is what counts.
    response.on('error', ignore);
  }

  get hasHead(): boolean {
    return this.#hasHead;
  }

  get isClosed(): boolean {
    return this.#isGone || this.#hasEnded;
  }

  head(status: number, headers: readonly string[]): void {
    if (this.isClosed || this.#hasHead) return;
    const response = this.#response;
    const own = withoutFraming(headers);
    const isChunked =
      response.req.httpVersion === '1.1' && response.req.method !== 'HEAD' && mayHaveBody(status);
    if (isChunked) own.push('transfer-encoding', 'chunked');
    response.on('drain', this.#onDrained);
    response.writeHead(status, own);
    this.#hasHead = true;
    const socket = response.socket;
    if (isChunked && socket !== null && response.chunkedEncoding) {
      response.chunkedEncoding = false;
      this.#socket = socket;
      socket.on('drain', this.#onDrained);
      // Head and first bytes mostly come in one turn: let them share a packet.
      socket.cork();
      process.nextTick(uncork, socket);
    }
    response.flushHeaders();
  }

  write(view: Uint8Array): boolean {
    if (this.isClosed || view.length === 0) return true;
    const socket = this.#socket;
    // An empty write through node would end the chunked body, and node keeps the buffer until it is sent.
    const isTaken =
      socket === undefined ? this.#response.write(Buffer.from(view)) : socket.write(framed(view, NO_BYTES));
    if (!isTaken) this.#waitsForDrain = true;
    return isTaken;
  }

  end(bytes: Uint8Array = NO_BYTES): void {
    if (this.isClosed) return;
    this.#hasEnded = true;
    const socket = this.#socket;
    if (socket === undefined) {
      this.#response.end(bytes.length === 0 ? undefined : Buffer.from(bytes));
      return;
    }
    socket.write(bytes.length === 0 ? LAST_CHUNK : framed(bytes, LAST_CHUNK));
    // The connection serves further requests: nothing of this one may stay on it.
    socket.off('drain', this.#onDrained);
    this.#response.end();
  }

  sendWhole(status: number, headers: readonly string[], body: Uint8Array): void {
    if (this.isClosed || this.#hasHead) return;
    const response = this.#response;
    const own = withoutFraming(headers);
    const hasBody = mayHaveBody(status);
    if (hasBody) own.push('content-length', String(body.length));
    if (!hasBody || !giveWholeHead(response, status, own)) response.writeHead(status, own);
    this.#hasHead = true;
    this.#hasEnded = true;
    if (!hasBody) response.end();
    // As a string the body shares the head's write; the bytes are the same.
    else if (body.length <= smallBytes) response.end(latin1Of(body), 'latin1');
    else response.end(body);
  }

  onDrain(listener: () => void): void {
    this.#drainListener = listener;
  }

  onClose(listener: () => void): void {
    this.#closeListener = listener;
  }

  destroy(): void {
    this.#response.req.socket.destroy();
  }

  readonly #onDrained = (): void => {
    if (!this.#waitsForDrain || this.isClosed) return;
    this.#waitsForDrain = false;
    this.#drainListener?.();
  };

  readonly #onResponseClose = (): void => {
    if (this.#isGone || this.#response.writableFinished) return;
    this.#isGone = true;
    this.#closeListener?.();
  };
}

const ignore = (): void => undefined;

function uncork(socket: Socket): void {
  socket.uncork();
}

function mayHaveBody(status: number): boolean {
  return status >= 200 && status !== 204 && status !== 304;
}

function withoutFraming(headers: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] as string;
    const isOwned = OWNED_SIZES[name.length] === 1 && OWNED_BY_SINK.has(name.toLowerCase());
    if (!isOwned) kept.push(name, headers[index + 1] as string);
  }
  return kept;
}

/** Size, CRLF, data, CRLF and what follows, in one buffer. */
function framed(view: Uint8Array, tail: Uint8Array): Buffer {
  const size = view.length.toString(16);
  const start = size.length + CRLF_BYTES;
  const end = start + view.length;
  const bytes = Buffer.allocUnsafe(end + CRLF_BYTES + tail.length);
  bytes.write(`${size}\r\n`, 0, 'latin1');
  bytes.set(view, start);
  bytes[end] = 13;
  bytes[end + 1] = 10;
  bytes.set(tail, end + CRLF_BYTES);
  return bytes;
}
