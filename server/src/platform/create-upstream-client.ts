import type { LookupFunction } from 'node:net';
import { createSecureContext, getCACertificates } from 'node:tls';
import type { SecureContext } from 'node:tls';

import { createCheckedLookup } from './address-policy.ts';
import type { AddressPolicy } from './address-policy.ts';
import { Roster } from './roster.ts';
import { SocketExchange } from './socket-exchange.ts';
import { SocketPool } from './socket-pool.ts';
import type { PoolSettings } from './socket-pool.ts';
import type {
  UpstreamClient,
  UpstreamExchange,
  UpstreamHandler,
  UpstreamRequest,
} from './upstream-client.ts';

export interface UpstreamClientOptions {
  readonly addressPolicy: AddressPolicy;
  /** Requests above it wait for a free socket, at most their connect timeout. Unlimited by default. */
  readonly maxSocketsPerOrigin?: number;
  /** How long an unused socket is kept. 30 s by default; an upstream's shorter `keep-alive: timeout` wins. */
  readonly idleTimeoutMs?: number;
  /** PEM certificates trusted beside the runtime's own, for upstreams with a private authority. */
  readonly extraAuthorities?: readonly string[];
  /** Name resolution before the address policy is applied; the system's by default. */
  readonly resolve?: LookupFunction;
}

const DEFAULT_IDLE_TIMEOUT_MS = 30_000;
const LONGEST_SWEEP_MS = 5000;

export function createUpstreamClient(options: UpstreamClientOptions): UpstreamClient {
  return new SocketClient(options);
}

class SocketClient implements UpstreamClient {
  readonly #settings: PoolSettings;
  readonly #pools = new Map<string, SocketPool>();
  readonly #exchanges = new Roster<SocketExchange>();
  readonly #sweep: NodeJS.Timeout;
  readonly #emptied = Promise.withResolvers<void>();
  #isClosed = false;

  constructor(options: UpstreamClientOptions) {
    const idleTimeoutMs = options.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS;
    this.#settings = {
      policy: options.addressPolicy,
      lookup: createCheckedLookup(options.addressPolicy, options.resolve),
      secureContext: lazySecureContext(options.extraAuthorities ?? []),
      maxSockets: options.maxSocketsPerOrigin ?? Infinity,
      idleTimeoutMs,
      onEmpty: (pool) => this.#forget(pool),
    };
    this.#sweep = setInterval(
      () => this.#retireIdle(performance.now()),
      Math.min(idleTimeoutMs, LONGEST_SWEEP_MS),
    );
    this.#sweep.unref();
  }

  send(request: UpstreamRequest, handler: UpstreamHandler): UpstreamExchange {
    const pool = this.#poolFor(request);
    const exchange = new SocketExchange(pool, request, handler, () => this.#exchanges.leave(entry));
    const entry = this.#exchanges.join(exchange);
    if (this.#isClosed) exchange.abort();
    else exchange.start();
    return exchange;
  }

  openSockets(): number {
    let count = 0;
    for (const pool of this.#pools.values()) count += pool.openCount;
    return count;
  }

  /** Aborts what is running; resolves when every socket is closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#sweep);
    this.#exchanges.each((exchange) => exchange.abort());
    this.#retireIdle(Infinity);
    if (this.openSockets() === 0) this.#emptied.resolve();
    await this.#emptied.promise;
  }

  #poolFor(request: UpstreamRequest): SocketPool {
    const { origin, proxy } = request;
    const key = proxy === undefined ? origin : `${origin} ${proxy}`;
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    const pool = new SocketPool(key, origin, proxy, this.#settings);
    this.#pools.set(key, pool);
    return pool;
  }

  #retireIdle(nowMs: number): void {
    for (const pool of this.#pools.values()) pool.retireIdle(nowMs);
  }

  #forget(pool: SocketPool): void {
    if (this.#pools.get(pool.key) === pool) this.#pools.delete(pool.key);
    if (this.#isClosed && this.openSockets() === 0) this.#emptied.resolve();
  }
}

/** Reading the certificate store takes tens of milliseconds: once, at the first TLS connection. */
function lazySecureContext(extraAuthorities: readonly string[]): () => SecureContext {
  let context: SecureContext | undefined;
  return () => {
    context ??= createSecureContext(
      extraAuthorities.length === 0 ? {} : { ca: [...getCACertificates('default'), ...extraAuthorities] },
    );
    return context;
  };
}
