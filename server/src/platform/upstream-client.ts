/*
 * Platform: mechanisms without nouns. Time, ids, crypto, framing of byte streams, JSON scanning, sockets. Nothing here knows
 * of protocols, accounts, calls or money; everything above may use it.
 *
 * Towards the upstreams, begin at `create-upstream-client.ts`: exchange -> pool -> connection -> opened socket, with the
 * response parser beside it. Towards the clients: `client-sink.ts`. Which addresses may be reached: `address-policy.ts`.
 * Bytes held in memory: `byte-budget.ts`.
 */

/**
 * One HTTP exchange with an upstream, as callbacks: no promise and no copy per read.
 * Implemented over pooled sockets, directly or through an account's proxy: begin at `create-upstream-client.ts`.
 */
export interface UpstreamRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** `https://host:port`. Its addresses are checked against the address policy whenever a socket is opened. */
  readonly origin: string;
  /** Path with query, starting with `/`. */
  readonly path: string;
  /**
   * Flat list: name, value, name, value. Framing, connection, `host` and `accept-encoding` (always `identity`) are the
   * client's own: such entries are skipped. `send` throws `TypeError` where an entry would break out of its line.
   */
  readonly headers: readonly string[];
  /** Written in order; the buffers must not change until `onEnd` or `onError`. */
  readonly body: readonly Uint8Array[];
  /** `http://`, `https://`, `socks5://` proxy URL with credentials, where the account has one. */
  readonly proxy?: string;
  readonly connectTimeoutMs: number;
}

export interface UpstreamHead {
  readonly status: number;
  /** Flat list with lower-case names. */
  readonly headers: readonly string[];
}

/** Why an exchange ended without a complete answer. */
export type ExchangeFault =
  | 'connect-timeout'
  | 'refused'
  | 'dns'
  | 'tls'
  | 'proxy'
  | 'reset'
  | 'closed-early'
  | 'malformed-response'
  | 'aborted';

export interface ExchangeError {
  readonly fault: ExchangeFault;
  /** True once any byte of the request may have reached the upstream. */
  readonly hasSentBytes: boolean;
  /** True once the response head was delivered. */
  readonly hasHead: boolean;
  /** System error code such as `ECONNREFUSED`; never a message that could hold content. */
  readonly systemCode?: string;
}

/** Exactly one of `onEnd` and `onError` is called, once, last. */
export interface UpstreamHandler {
  onHead(head: UpstreamHead): void;
  /** `view` is only valid during this call; copy what must outlive it. */
  onData(view: Buffer): void;
  onEnd(): void;
  onError(error: ExchangeError): void;
}

export interface UpstreamExchange {
  /** Back-pressure: stop and resume reading from the socket. */
  pause(): void;
  resume(): void;
  /** Ends the exchange now; `onError` with `aborted` follows unless it had already ended. */
  abort(): void;
}

export interface UpstreamClient {
  send(request: UpstreamRequest, handler: UpstreamHandler): UpstreamExchange;
  /** Open sockets, for leak tests and metrics. */
  openSockets(): number;
  close(): Promise<void>;
}
