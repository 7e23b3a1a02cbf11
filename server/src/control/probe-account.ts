import type { UpstreamClient, UpstreamHead } from '../platform/upstream-client.ts';
import type { ConnectionSettings, UpstreamKind } from '../upstreams/upstream-kind.ts';

export interface ProbeTarget {
  readonly kind: UpstreamKind;
  readonly settings: ConnectionSettings;
  readonly proxy?: string;
}

export interface ProbeOptions {
  readonly client: UpstreamClient;
  readonly connectTimeoutMs: number;
  readonly totalTimeoutMs: number;
}

/** What the cheapest real call to an upstream showed. */
export type ProbeResult =
  | { readonly isReachable: true; readonly durationMs: number; readonly models: readonly string[] }
  | {
      readonly isReachable: false;
      readonly durationMs: number;
      readonly problem: string;
      readonly fix: string;
    };

const maxListBytes = 8 * 1024 * 1024;

/** Lists the upstream's models with the account's credential: proves address, credential and proxy at once. */
export async function probeAccount(target: ProbeTarget, options: ProbeOptions): Promise<ProbeResult> {
  const startedMs = performance.now();
  const answer = await exchange(target, options);
  const durationMs = Math.round(performance.now() - startedMs);
  if (answer.type === 'broken') {
    return {
      isReachable: false,
      durationMs,
      problem: `The connection failed (${answer.fault}).`,
      fix: connectionFix(target),
    };
  }
  const { status } = answer.head;
  if (status === 401 || status === 403) {
    return {
      isReachable: false,
      durationMs,
      problem: `The upstream refused the credential (HTTP ${status}).`,
      fix: 'Check the API key, remove the account and add it again with the right one.',
    };
  }
  if (status < 200 || status > 299) {
    return {
      isReachable: false,
      durationMs,
      problem: `The upstream answered HTTP ${status}.`,
      fix: 'Check the base URL; it must be the one the provider documents for API clients.',
    };
  }
  return { isReachable: true, durationMs, models: readModels(target.kind, answer.body) };
}

type ExchangeResult =
  | { readonly type: 'answered'; readonly head: UpstreamHead; readonly body: Buffer }
  | { readonly type: 'broken'; readonly fault: string };

function exchange(target: ProbeTarget, options: ProbeOptions): Promise<ExchangeResult> {
  const { promise, resolve } = Promise.withResolvers<ExchangeResult>();
  const base = new URL(target.settings.baseUrl);
  const address = target.kind.listModels.address(target.settings);
  const chunks: Buffer[] = [];
  let size = 0;
  let head: UpstreamHead = { status: 0, headers: [] };
  const running = options.client.send(
    {
      method: 'GET',
      origin: base.origin,
      path: base.pathname.replace(/\/$/, '') + address.path,
      headers: ['accept', 'application/json', 'user-agent', 'qingzhou', ...address.headers],
      body: [],
      connectTimeoutMs: options.connectTimeoutMs,
      ...(target.proxy === undefined ? {} : { proxy: target.proxy }),
    },
    {
      onHead: (received) => {
        head = received;
      },
      onData(view) {
        size += view.length;
        if (size > maxListBytes) running.abort();
        else chunks.push(Buffer.from(view));
      },
      onEnd: () => resolve({ type: 'answered', head, body: Buffer.concat(chunks) }),
      onError: (error) => resolve({ type: 'broken', fault: error.systemCode ?? error.fault }),
    },
  );
  const timer = setTimeout(() => running.abort(), options.totalTimeoutMs);
  return promise.finally(() => clearTimeout(timer));
}

function readModels(kind: UpstreamKind, body: Buffer): readonly string[] {
  try {
    return kind.listModels.parse(JSON.parse(body.toString()));
  } catch {
    return [];
  }
}

function connectionFix(target: ProbeTarget): string {
  return target.proxy === undefined
    ? 'Check the base URL and the network; where the provider cannot be reached directly, give the account a proxy.'
    : 'Check the proxy address and its credentials, then the base URL.';
}
