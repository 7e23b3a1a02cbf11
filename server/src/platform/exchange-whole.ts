import type { ExchangeError, UpstreamClient, UpstreamHead, UpstreamRequest } from './upstream-client.ts';

export interface WholeAnswer {
  readonly type: 'answered';
  readonly head: UpstreamHead;
  readonly body: Buffer;
}

export interface WholeLimits {
  readonly totalTimeoutMs: number;
  readonly maxBytes: number;
}

/** Sends one request and reads its whole answer: never rejects, never reads more than the limit. Off the hot path. */
export type ReadWhole = (
  request: UpstreamRequest,
  limits: WholeLimits,
) => Promise<WholeAnswer | { readonly type: 'broken'; readonly error: ExchangeError }>;

export function createReadWhole(client: UpstreamClient): ReadWhole {
  return (request, { totalTimeoutMs, maxBytes }) => {
    const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<ReadWhole>>>();
    const chunks: Buffer[] = [];
    let size = 0;
    let head: UpstreamHead = { status: 0, headers: [] };
    const running = client.send(request, {
      onHead: (received) => {
        head = received;
      },
      onData(view) {
        size += view.length;
        if (size > maxBytes) running.abort();
        else chunks.push(Buffer.from(view));
      },
      onEnd: () => resolve({ type: 'answered', head, body: Buffer.concat(chunks) }),
      onError: (error) => resolve({ type: 'broken', error }),
    });
    const timer = setTimeout(() => running.abort(), totalTimeoutMs);
    return promise.finally(() => clearTimeout(timer));
  };
}
