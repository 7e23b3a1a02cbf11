import { RelayError } from '../domain/errors.ts';
import type { Ticker } from '../platform/ticker.ts';
import type {
  ExchangeError,
  UpstreamClient,
  UpstreamExchange,
  UpstreamHandler,
  UpstreamHead,
  UpstreamRequest,
} from '../platform/upstream-client.ts';
import type { StreamPipe } from '../protocols/wire-protocol.ts';
import { closingGraceMs, type Timeouts } from './timeouts.ts';
import { faultOf } from './upstream-fault.ts';

/** Who takes over a stream at its commit point. Exactly one of `ended` and `broken` is called, last. */
export interface StreamConsumer {
  /** `bytes` is only valid during this call. */
  bytes(bytes: Buffer): void;
  ended(): void;
  broken(error: RelayError): void;
}

export interface LiveStreamOptions {
  readonly client: UpstreamClient;
  readonly request: UpstreamRequest;
  readonly pipe: StreamPipe;
  readonly ticker: Ticker;
  readonly timeouts: Timeouts;
  /** Monotonic ms after which the whole call is over. */
  readonly deadlineMs: number;
  /** `generated`: the first generated event commits. `end`: nothing is delivered before the whole answer is known. */
  readonly commitAt: 'generated' | 'end';
  isStreamContentType(contentType: string): boolean;
  readFailure(head: UpstreamHead, body: Buffer): RelayError;
}

const maxErrorBodyBytes = 64 * 1024;
/** Lifecycle frames held back while waiting for the first generated event. */
const maxOpeningBytes = 256 * 1024;

/**
 * One streamed exchange from its first byte to its last. Until the commit point it holds bytes back and may fail as if
 * nothing had happened; then a consumer attaches and bytes flow without promises.
 */
export class LiveStream implements UpstreamHandler {
  readonly pipe: StreamPipe;
  head: UpstreamHead | undefined;
  readonly #options: LiveStreamOptions;
  readonly #exchange: UpstreamExchange;
  readonly #stopTicking: () => void;
  readonly #resolveOpen: (result: RelayError | undefined) => void;
  /** Resolves at the commit point, with the failure when there will be none. */
  readonly opened: Promise<RelayError | undefined>;
  #isOpen = false;
  #isOver = false;
  #failure: RelayError | undefined;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #errorBody: Buffer[] | undefined;
  #consumer: StreamConsumer | undefined;
  #hasData = false;
  #isPaused = false;
  #lastActivityMs = performance.now();
  #terminalSinceMs: number | undefined;

  constructor(options: LiveStreamOptions) {
    this.#options = options;
    this.pipe = options.pipe;
    const { promise, resolve } = Promise.withResolvers<RelayError | undefined>();
    this.opened = promise;
    this.#resolveOpen = resolve;
    this.#stopTicking = options.ticker.add((now) => this.#checkDeadlines(now));
    this.#exchange = options.client.send(options.request, this);
  }

  /** Takes over at the commit point; bytes held so far are handed on at once. */
  attach(consumer: StreamConsumer): void {
    this.#consumer = consumer;
    const held = this.#held;
    this.#held = [];
    for (const bytes of held) consumer.bytes(bytes);
    if (!this.#isOver) return;
    if (this.#failure === undefined) consumer.ended();
    else consumer.broken(this.#failure);
  }

  pause(): void {
    this.#isPaused = true;
    this.#exchange.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#lastActivityMs = performance.now();
    this.#exchange.resume();
  }

  /** Cancels the upstream now; `reason` is what the consumer or the attempt loop is told. */
  cancel(reason: RelayError): void {
    this.#end(reason);
    this.#exchange.abort();
  }

  onHead(head: UpstreamHead): void {
    if (this.#isOver) return;
    this.head = head;
    this.#lastActivityMs = performance.now();
    if (head.status < 200 || head.status > 299) this.#errorBody = [];
    else if (!this.#options.isStreamContentType(headerOf(head, 'content-type'))) {
      this.cancel(
        new RelayError('upstream_protocol', {
          message: 'The upstream answered a streaming request with something that is not a stream.',
        }),
      );
    }
  }

  onData(view: Buffer): void {
    if (this.#isOver) return;
    this.#lastActivityMs = performance.now();
    this.#hasData = true;
    if (this.#errorBody !== undefined) {
      this.#keepErrorBody(view);
      return;
    }
    this.#pass(this.pipe.push(view));
    if (this.pipe.phase === 'failed') this.cancel(this.pipe.failure ?? new RelayError('upstream_protocol'));
    else if (this.pipe.phase === 'terminal') this.#reachTerminal();
  }

  #reachTerminal(): void {
    this.#terminalSinceMs ??= this.#lastActivityMs;
    if (this.pipe.isCut !== true) return;
    this.#end(undefined);
    this.#exchange.abort();
  }

  onEnd(): void {
    if (this.#isOver) return;
    if (this.#errorBody !== undefined) {
      this.#end(this.#readFailure());
      return;
    }
    this.#pass(this.pipe.finish());
    this.#end(
      this.pipe.phase === 'terminal' ? undefined : (this.pipe.failure ?? new RelayError('upstream_protocol')),
    );
  }

  onError(error: ExchangeError): void {
    if (this.#isOver) return;
    if (this.#errorBody !== undefined) this.#end(this.#readFailure());
    // The answer was complete; how the connection ended does not matter to anybody.
    else if (this.pipe.phase === 'terminal') this.onEnd();
    else this.#end(faultOf(error));
  }

  #pass(bytes: Buffer): void {
    if (bytes.length > 0) {
      if (this.#consumer !== undefined) this.#consumer.bytes(bytes);
      else {
        this.#held.push(Buffer.from(bytes));
        this.#heldBytes += bytes.length;
      }
    }
    if (this.#isOpen || this.#options.commitAt === 'end') return;
    const { phase } = this.pipe;
    const hasGenerated = phase === 'generating' || phase === 'terminal';
    if (hasGenerated || this.#isRefusedAfterContent() || this.#heldBytes > maxOpeningBytes) {
      this.#isOpen = true;
      this.#resolveOpen(undefined);
    }
  }

  /**
   * Content and the upstream's refusal of the rest came in one read. No other candidate would do better, so the client
   * gets both, as it would have if they had come apart.
   */
  #isRefusedAfterContent(): boolean {
    const { failure } = this.pipe;
    return failure?.entry.disposition === 'stop' && this.pipe.terminalBytes().length > 0;
  }

  #end(failure: RelayError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#failure = failure;
    this.#stopTicking();
    if (this.#consumer === undefined) {
      this.#resolveOpen(this.#isOpen ? undefined : failure);
      return;
    }
    if (failure === undefined) this.#consumer.ended();
    else this.#consumer.broken(failure);
  }

  #checkDeadlines(now: number): void {
    const { timeouts, deadlineMs } = this.#options;
    if (now > deadlineMs) this.cancel(new RelayError('deadline_exceeded'));
    else if (this.#terminalSinceMs !== undefined) {
      if (now - this.#terminalSinceMs > closingGraceMs && !this.#isPaused) {
        this.onEnd();
        this.#exchange.abort();
      }
    } else if (!this.#isPaused) {
      const limitMs = this.#hasData ? timeouts.idleMs : timeouts.firstByteMs;
      if (now - this.#lastActivityMs > limitMs) this.cancel(new RelayError('upstream_timeout'));
    }
  }

  #keepErrorBody(view: Buffer): void {
    const body = this.#errorBody;
    if (body === undefined) return;
    this.#heldBytes += view.length;
    if (this.#heldBytes <= maxErrorBodyBytes) body.push(Buffer.from(view));
    else this.cancel(this.#readFailure());
  }

  #readFailure(): RelayError {
    const head = this.head ?? { status: 502, headers: [] };
    return this.#options.readFailure(head, Buffer.concat(this.#errorBody ?? []));
  }
}

export function headerOf(head: UpstreamHead, name: string): string {
  for (let index = 0; index < head.headers.length; index += 2) {
    if (head.headers[index] === name) return head.headers[index + 1] ?? '';
  }
  return '';
}
