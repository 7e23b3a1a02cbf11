import { performance } from 'node:perf_hooks';
import { transferFault } from './connect-failure.ts';
import type { ConnectFailure } from './connect-failure.ts';
import { writeRequestHead } from './http1-head.ts';
import { Http1ResponseParser } from './http1-response-parser.ts';
import type { PoolUser, SocketPool } from './socket-pool.ts';
import type { ExchangeError, ExchangeFault, UpstreamExchange } from './upstream-client.ts';
import type { UpstreamHandler, UpstreamRequest } from './upstream-client.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

/**
 * A reused socket that dies this soon after the request was written, before any answer byte, was closed by the
 * upstream while idle: the request crossed that close and was not taken up, so it goes once more over a fresh socket.
 * A later death says nothing of the kind (the upstream may have worked on it) and is reported.
 */
const IDLE_CLOSE_RACE_MS = 1000;
const NO_BYTES = Buffer.alloc(0);
const NO_PARTS: readonly Uint8Array[] = [];

/** One request and its response over a pooled socket. All callbacks come from the event loop, never from within `send`. */
export class SocketExchange implements UpstreamExchange, PoolUser {
  readonly connectTimeoutMs: number;
  readonly #pool: SocketPool;
  readonly #handler: UpstreamHandler;
  readonly #onOver: (exchange: SocketExchange) => void;
  #body: readonly Uint8Array[];
  #head: string;
  readonly #parser = new Http1ResponseParser();
  #connection: UpstreamConnection | undefined;
  #writtenAtMs = 0;
  #hasSentBytes = false;
  #hasAnswerBytes = false;
  #hasRetried = false;
  #isPaused = false;
  #hasPeerEnded = false;
  #isOver = false;
  /** Bytes read but not yet parsed because of a pause; defined also when empty, until they are worked off. */
  #backlog: Buffer | undefined;

  /** `onOver` is called once, before the handler's last callback. */
  constructor(
    pool: SocketPool,
    request: UpstreamRequest,
    handler: UpstreamHandler,
    onOver: (exchange: SocketExchange) => void,
  ) {
    let bodyBytes = 0;
    for (const part of request.body) bodyBytes += part.length;
    const { method, path, headers } = request;
    this.#head = writeRequestHead({ method, path, headers, host: pool.host, bodyBytes });
    this.#body = request.body;
    this.connectTimeoutMs = request.connectTimeoutMs;
    this.#pool = pool;
    this.#handler = handler;
    this.#onOver = onOver;
  }

  start(): void {
    this.#pool.acquire(this, false);
  }

  pause(): void {
    if (this.#isOver || this.#isPaused) return;
    this.#isPaused = true;
    this.#connection?.pause();
  }

  resume(): void {
    if (this.#isOver || !this.#isPaused) return;
    this.#isPaused = false;
    if (this.#backlog === undefined && !this.#hasPeerEnded) this.#connection?.resume();
    else process.nextTick(this.#workOff);
  }

  abort(): void {
    if (this.#isOver) return;
    const connection = this.#leave();
    if (connection === undefined) this.#pool.cancel(this);
    else connection.destroy();
    process.nextTick(() => this.#handler.onError(this.#errorOf('aborted', undefined)));
  }

  onConnection(connection: UpstreamConnection): void {
    this.#connection = connection;
    connection.user = this;
    if (connection.isReused) this.#writtenAtMs = performance.now();
    if (!connection.isUsable) {
      process.nextTick(() => this.onConnectionError('ECONNRESET'));
      return;
    }
    this.#hasSentBytes = true;
    connection.write(this.#head, this.#body);
    if (this.#isPaused) connection.pause();
  }

  onNoConnection(failure: ConnectFailure): void {
    if (!this.#isOver) this.#fail(failure.fault, failure.systemCode);
  }

  onBytes(view: Buffer): void {
    if (!this.#hasAnswerBytes) this.#beginAnswer();
    if (this.#isPaused || this.#backlog !== undefined) this.#keep(view);
    else this.#consume(view);
  }

  onPeerEnd(): void {
    this.#hasPeerEnded = true;
    if (!this.#isPaused && this.#backlog === undefined) this.#endOfStream();
  }

  onConnectionError(systemCode: string | undefined): void {
    // After an orderly end the socket closes by itself; what was read before a pause is still to be delivered.
    if (this.#isOver || (systemCode === undefined && this.#hasPeerEnded)) return;
    if (this.#isIdleCloseRace()) this.#retry();
    else this.#fail(transferFault(systemCode), systemCode);
  }

  /** The request will not be sent again; a stream may stay open for minutes and must not keep it. */
  #beginAnswer(): void {
    this.#hasAnswerBytes = true;
    this.#head = '';
    this.#body = NO_PARTS;
  }

  #consume(view: Buffer): void {
    const parser = this.#parser;
    let position = 0;
    for (;;) {
      const step = parser.next(view, position);
      if (step === 'more') return;
      if (step === 'malformed') {
        this.#fail('malformed-response', undefined);
        return;
      }
      position = parser.position;
      if (step === 'end') {
        this.#complete(position < view.length);
        return;
      }
      if (step === 'data') this.#handler.onData(view.subarray(parser.dataStart, parser.dataEnd));
      else if (parser.head !== undefined) this.#handler.onHead(parser.head);
      if (this.#isOver) return;
      if (this.#isPaused) {
        this.#keep(view.subarray(position));
        return;
      }
    }
  }

  #keep(view: Buffer): void {
    this.#backlog = Buffer.concat([this.#backlog ?? NO_BYTES, view]);
  }

  readonly #workOff = (): void => {
    if (this.#isOver || this.#isPaused) return;
    const backlog = this.#backlog ?? NO_BYTES;
    this.#backlog = undefined;
    this.#consume(backlog);
    if (this.#isOver || this.#isPaused) return;
    if (this.#hasPeerEnded) this.#endOfStream();
    else this.#connection?.resume();
  };

  #endOfStream(): void {
    if (this.#parser.endsAtClose) this.#complete(false);
    else if (this.#isIdleCloseRace()) this.#retry();
    else this.#fail('closed-early', undefined);
  }

  #isIdleCloseRace(): boolean {
    if (this.#connection?.isReused !== true || this.#hasAnswerBytes || this.#hasRetried) return false;
    return performance.now() - this.#writtenAtMs <= IDLE_CLOSE_RACE_MS;
  }

  #retry(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#hasRetried = true;
    this.#hasPeerEnded = false;
    if (connection !== undefined) {
      connection.user = undefined;
      connection.destroy();
    }
    this.#pool.acquire(this, true);
  }

  #complete(hasSurplusBytes: boolean): void {
    const head = this.#parser.head;
    const hasPeerEnded = this.#hasPeerEnded;
    const connection = this.#leave();
    if (connection !== undefined && head !== undefined) {
      const isClean = head.isKeepAlive && !hasSurplusBytes && !hasPeerEnded;
      if (isClean && connection.isUsable && connection.isFullyWritten) {
        this.#pool.release(connection, head.idleSeconds);
      } else {
        connection.destroy();
      }
    }
    this.#handler.onEnd();
  }

  #fail(fault: ExchangeFault, systemCode: string | undefined): void {
    this.#leave()?.destroy();
    this.#handler.onError(this.#errorOf(fault, systemCode));
  }

  #leave(): UpstreamConnection | undefined {
    this.#isOver = true;
    this.#backlog = undefined;
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection !== undefined) connection.user = undefined;
    this.#onOver(this);
    return connection;
  }

  #errorOf(fault: ExchangeFault, systemCode: string | undefined): ExchangeError {
    const hasHead = this.#parser.head !== undefined;
    const error = { fault, hasSentBytes: this.#hasSentBytes, hasHead };
    return systemCode === undefined ? error : { ...error, systemCode };
  }
}
