import { performance } from 'node:perf_hooks';
import { RelayError } from '../domain/errors.ts';
import type { Ticker } from '../platform/ticker.ts';
import type { UpstreamClient, UpstreamHead, UpstreamRequest } from '../platform/upstream-client.ts';
import type { ClientPresence } from './arrival.ts';
import type { Timeouts } from './timeouts.ts';
import { faultOf } from './upstream-fault.ts';

export interface UnaryExchangeOptions {
  readonly client: UpstreamClient;
  readonly request: UpstreamRequest;
  readonly presence: ClientPresence;
  readonly ticker: Ticker;
  readonly timeouts: Timeouts;
  /** Monotonic ms after which the whole call is over. */
  readonly deadlineMs: number;
  readonly maxBodyBytes: number;
}

export interface UnaryAnswer {
  readonly head: UpstreamHead;
  readonly body: Buffer;
}

/**
 * One exchange whose answer is read whole. Rejects with `RelayError`: connection faults, timeouts, an answer above
 * `maxBodyBytes`, or `client_gone`, which cancels the upstream at once.
 */
export function exchangeUnary(options: UnaryExchangeOptions): Promise<UnaryAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<UnaryAnswer>();
  const chunks: Buffer[] = [];
  let size = 0;
  let head: UpstreamHead = { status: 0, headers: [] };
  let lastActivityMs = performance.now();
  let hasData = false;
  let isOver = false;

  const finish = (failure: RelayError | undefined): void => {
    if (isOver) return;
    isOver = true;
    stopTicking();
    stopWatching();
    if (failure === undefined)
      resolve({ head, body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) });
    else reject(failure);
  };
  const cancel = (failure: RelayError): void => {
    finish(failure);
    exchange.abort();
  };

  const exchange = options.client.send(options.request, {
    onHead(received) {
      head = received;
      lastActivityMs = performance.now();
    },
    onData(view) {
      if (isOver) return;
      hasData = true;
      lastActivityMs = performance.now();
      size += view.length;
      if (size > options.maxBodyBytes) cancel(new RelayError('upstream_protocol', { message: tooLarge }));
      else chunks.push(Buffer.from(view));
    },
    onEnd: () => finish(undefined),
    onError: (error) => finish(faultOf(error)),
  });
  const stopTicking = options.ticker.add((now) => {
    const limitMs = hasData ? options.timeouts.idleMs : options.timeouts.firstByteMs;
    if (now > options.deadlineMs) cancel(new RelayError('deadline_exceeded'));
    else if (now - lastActivityMs > limitMs) cancel(new RelayError('upstream_timeout'));
  });
  const stopWatching = options.presence.onGone(() => cancel(new RelayError('client_gone')));
  return promise;
}

const tooLarge = 'The upstream answered with more than the relay takes for one unary answer.';
