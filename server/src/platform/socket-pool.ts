import { ConnectFailure } from './connect-failure.ts';
import { openSocket } from './open-socket.ts';
import type { SocketEnvironment } from './open-socket.ts';
import { readProxyUrl } from './proxy-handshake.ts';
import type { ProxyTarget } from './proxy-handshake.ts';
import { UpstreamConnection } from './upstream-connection.ts';
import type { ConnectionUser } from './upstream-connection.ts';

export interface PoolUser extends ConnectionUser {
  readonly connectTimeoutMs: number;
  onConnection(connection: UpstreamConnection): void;
  onNoConnection(failure: ConnectFailure): void;
}

export interface PoolSettings extends SocketEnvironment {
  readonly maxSockets: number;
  readonly idleTimeoutMs: number;
  /** Called when the pool holds no socket and nobody waits: it may be forgotten. */
  readonly onEmpty: (pool: SocketPool) => void;
}

/** Taken off the upstream's own idle promise, so that it is not still sending us its close. */
const IDLE_MARGIN_MS = 1000;

interface Cancellable {
  cancel(): void;
}

/** The sockets to one origin through one proxy (or none). Last used, first reused: surplus sockets age and go. */
export class SocketPool {
  /** Value of the `host` header. */
  readonly host: string;
  readonly key: string;
  readonly #settings: PoolSettings;
  readonly #url: URL;
  readonly #proxy: ProxyTarget | undefined;
  readonly #idle: UpstreamConnection[] = [];
  /** Users whose connection is being opened, or who wait for a free one; in order of arrival. */
  readonly #opening = new Map<PoolUser, Cancellable>();
  readonly #waiting = new Map<PoolUser, Cancellable>();
  #tlsSession: Buffer | undefined;
  #openCount = 0;

  /** Throws `TypeError` where origin or proxy is no usable URL. */
  constructor(key: string, origin: string, proxy: string | undefined, settings: PoolSettings) {
    this.key = key;
    this.#url = new URL(origin);
    if (this.#url.protocol !== 'https:' && this.#url.protocol !== 'http:') {
      throw new TypeError('an upstream origin must be an http or https URL');
    }
    this.host = this.#url.host;
    this.#proxy = proxy === undefined ? undefined : readProxyUrl(proxy);
    this.#settings = settings;
  }

  get openCount(): number {
    return this.#openCount;
  }

  /** Calls back at once where a connection is idle, else later. */
  acquire(user: PoolUser, isFreshWanted: boolean): void {
    const idle = isFreshWanted ? undefined : this.#takeIdle();
    if (idle !== undefined) user.onConnection(idle);
    else if (this.#openCount < this.#settings.maxSockets) this.#open(user);
    else this.#wait(user);
  }

  /** No callback follows; a socket that was being opened for `user` is destroyed. */
  cancel(user: PoolUser): void {
    const pending = this.#opening.get(user) ?? this.#waiting.get(user);
    this.#opening.delete(user);
    this.#waiting.delete(user);
    pending?.cancel();
  }

  release(connection: UpstreamConnection, idleSeconds: number | undefined): void {
    connection.isReused = true;
    const waiter = this.#nextWaiter();
    if (waiter !== undefined) {
      waiter.onConnection(connection);
      return;
    }
    const promisedMs = idleSeconds === undefined ? Infinity : idleSeconds * 1000 - IDLE_MARGIN_MS;
    const idleMs = Math.min(this.#settings.idleTimeoutMs, promisedMs);
    if (idleMs <= 0) {
      connection.destroy();
      return;
    }
    connection.idleDeadlineMs = performance.now() + idleMs;
    this.#idle.push(connection);
  }

  /** Destroys idle sockets that are past their time, or all of them. */
  retireIdle(nowMs: number): void {
    // Leaving the list happens at the socket's close event, so not within this loop.
    for (const connection of this.#idle) if (connection.idleDeadlineMs <= nowMs) connection.destroy();
  }

  #takeIdle(): UpstreamConnection | undefined {
    const nowMs = this.#idle.length === 0 ? 0 : performance.now();
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined) return undefined;
      if (connection.isUsable && connection.idleDeadlineMs > nowMs) return connection;
      connection.destroy();
    }
  }

  #open(user: PoolUser): void {
    this.#openCount += 1;
    const connection = new UpstreamConnection();
    const opening = openSocket(
      {
        host: this.#url.hostname.replace(/^\[|\]$/g, ''),
        port: Number(this.#url.port === '' ? (this.#url.protocol === 'https:' ? 443 : 80) : this.#url.port),
        isSecure: this.#url.protocol === 'https:',
        timeoutMs: user.connectTimeoutMs,
        onBytes: connection.receive,
        onTlsSession: (session) => {
          this.#tlsSession = session;
        },
        ...(this.#tlsSession === undefined ? {} : { tlsSession: this.#tlsSession }),
        ...(this.#proxy === undefined ? {} : { proxy: this.#proxy }),
      },
      this.#settings,
    );
    this.#opening.set(user, opening);
    opening.socket.then(
      (socket) => {
        connection.attach(socket, this.#onClosed);
        if (this.#opening.delete(user)) user.onConnection(connection);
        else connection.destroy();
      },
      (failure: ConnectFailure) => {
        this.#freeSlot();
        if (this.#opening.delete(user)) user.onNoConnection(failure);
      },
    );
  }

  #wait(user: PoolUser): void {
    const timer = setTimeout(() => {
      this.#waiting.delete(user);
      user.onNoConnection(new ConnectFailure('connect-timeout', 'ERR_NO_FREE_SOCKET'));
    }, user.connectTimeoutMs);
    this.#waiting.set(user, { cancel: () => clearTimeout(timer) });
  }

  #nextWaiter(): PoolUser | undefined {
    for (const [user, timer] of this.#waiting) {
      this.#waiting.delete(user);
      timer.cancel();
      return user;
    }
    return undefined;
  }

  readonly #onClosed = (connection: UpstreamConnection): void => {
    const index = this.#idle.lastIndexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
    this.#freeSlot();
  };

  #freeSlot(): void {
    this.#openCount -= 1;
    const waiter = this.#nextWaiter();
    if (waiter !== undefined) this.#open(waiter);
    else if (this.#openCount === 0) this.#settings.onEmpty(this);
  }
}
