import { RelayError } from '../domain/errors.ts';
import { createReadWhole, type ReadWhole } from '../platform/exchange-whole.ts';
import type { UpstreamClient, UpstreamRequest } from '../platform/upstream-client.ts';
import type { Authorizer, ConnectionSettings, UpstreamKind } from '../upstreams/upstream-kind.ts';

export interface ProbeTarget {
  readonly kind: UpstreamKind;
  readonly settings: ConnectionSettings;
  readonly authorizer?: Authorizer;
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
      problem: `The connection failed (${answer.error.systemCode ?? answer.error.fault}).`,
      fix: connectionFix(target),
    };
  }
  if (answer.type === 'refused') {
    return {
      isReachable: false,
      durationMs,
      problem: answer.error.message,
      fix: 'Check the credential; remove the account and add it again with the right one.',
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

async function exchange(
  target: ProbeTarget,
  options: ProbeOptions,
): Promise<Awaited<ReturnType<ReadWhole>> | { readonly type: 'refused'; readonly error: RelayError }> {
  const base = new URL(target.settings.baseUrl);
  const address = target.kind.listModels.address(target.settings);
  const basePath = address.origin === undefined ? base.pathname.replace(/\/$/, '') : '';
  const request: UpstreamRequest = {
    method: 'GET',
    origin: address.origin ?? base.origin,
    path: basePath + address.path,
    headers: ['accept', 'application/json', 'user-agent', 'qingzhou', ...address.headers],
    body: [],
    connectTimeoutMs: options.connectTimeoutMs,
    ...(target.proxy === undefined ? {} : { proxy: target.proxy }),
  };
  try {
    const headers = await target.authorizer?.headersFor(request);
    return await createReadWhole(options.client)(
      headers === undefined ? request : { ...request, headers: [...request.headers, ...headers] },
      { totalTimeoutMs: options.totalTimeoutMs, maxBytes: maxListBytes },
    );
  } catch (error) {
    if (error instanceof RelayError) return { type: 'refused', error };
    throw error;
  }
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
