import { connect as connectPlain, isIP } from 'node:net';
import type { LookupFunction, OnReadOpts, Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import type { ConnectionOptions, SecureContext } from 'node:tls';

import { ADDRESS_NOT_ALLOWED, isAllowedAddress } from './address-policy.ts';
import type { AddressPolicy } from './address-policy.ts';
import { ConnectFailure, connectFailure } from './connect-failure.ts';
import type { ConnectStep } from './connect-failure.ts';
import { askForTunnel } from './proxy-handshake.ts';
import type { ProxyTarget } from './proxy-handshake.ts';

/** How this process reaches the network; one value for all its connections. */
export interface SocketEnvironment {
  readonly policy: AddressPolicy;
  readonly lookup: LookupFunction;
  readonly secureContext: () => SecureContext;
}

export interface SocketOrder {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
  readonly proxy?: ProxyTarget;
  readonly timeoutMs: number;
  /** TLS session of an earlier connection, to save a full handshake. */
  readonly tlsSession?: Buffer;
  readonly onTlsSession: (session: Buffer) => void;
  /** Takes every read. `view` is only valid during the call. */
  readonly onBytes: (view: Buffer) => void;
}

export interface SocketOpening {
  /** Rejects with `ConnectFailure` only; by then nothing is left open. */
  readonly socket: Promise<Socket>;
  cancel(): void;
}

/** All direct sockets of the process read into this one buffer: callbacks are synchronous, so no two reads overlap. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);
const TCP_KEEP_ALIVE_DELAY_MS = 60_000;
const ignore = (): void => undefined;

/** Name resolution, TCP, proxy and TLS together have `timeoutMs`. */
export function openSocket(order: SocketOrder, environment: SocketEnvironment): SocketOpening {
  const opener = new Opener(order, environment);
  return { socket: opener.run(), cancel: () => opener.stop(new ConnectFailure('aborted')) };
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Node's documentation has `onread` here, its types do not. */
type SecureOptions = ConnectionOptions & { onread?: OnReadOpts };

class Opener {
  readonly #order: SocketOrder;
  readonly #environment: SocketEnvironment;
  readonly #opened: Socket[] = [];
  readonly #stopped = Promise.withResolvers<never>();
  #step: ConnectStep = 'tcp';
  #isStopped = false;

  constructor(order: SocketOrder, environment: SocketEnvironment) {
    this.#order = order;
    this.#environment = environment;
  }

  async run(): Promise<Socket> {
    const timer = setTimeout(() => this.stop(new ConnectFailure('connect-timeout')), this.#order.timeoutMs);
    try {
      const { proxy } = this.#order;
      return await Promise.race([
        this.#stopped.promise,
        proxy === undefined ? this.#direct() : this.#through(proxy),
      ]);
    } catch (error) {
      for (const socket of this.#opened) socket.destroy();
      if (error instanceof ConnectFailure) throw error;
      throw connectFailure(this.#step, (error as NodeJS.ErrnoException).code);
    } finally {
      clearTimeout(timer);
    }
  }

  stop(failure: ConnectFailure): void {
    this.#isStopped = true;
    this.#stopped.reject(failure);
  }

  async #direct(): Promise<Socket> {
    const { host, port, isSecure, onBytes } = this.#order;
    const onread: OnReadOpts = {
      buffer: READ_BUFFER,
      callback: (count, buffer) => {
        onBytes((buffer as Buffer).subarray(0, count));
        return true;
      },
    };
    if (!isSecure) return this.#plain({ host, port }, onread);
    return this.#secure({ host, port }, { onread, ...this.#tcpOptions({ host, port }) });
  }

  /** TLS over a tunnel reads through events: node ignores `onread` on a socket it did not open itself. */
  async #through(proxy: ProxyTarget): Promise<Socket> {
    this.#step = 'proxy';
    this.#refuseForbidden(this.#order.host);
    const carrier = proxy.isSecure
      ? await this.#secure(proxy, this.#tcpOptions(proxy))
      : await this.#plain(proxy, undefined);
    await askForTunnel(carrier, proxy, this.#order);
    this.#step = 'tls';
    const socket = this.#order.isSecure ? await this.#secure(this.#order, { socket: carrier }) : carrier;
    socket.on('data', this.#order.onBytes);
    socket.resume();
    return socket;
  }

  async #plain(address: Address, onread: OnReadOpts | undefined): Promise<Socket> {
    const options = this.#tcpOptions(address);
    const socket = connectPlain(onread === undefined ? options : { ...options, onread });
    return this.#ready(socket, 'connect');
  }

  async #secure(address: Address, extra: SecureOptions): Promise<Socket> {
    const isInner = extra.socket !== undefined;
    const { tlsSession, onTlsSession } = this.#order;
    const isToUpstream = address.host === this.#order.host && address.port === this.#order.port;
    const options: SecureOptions = {
      ...extra,
      host: address.host,
      port: address.port,
      servername: isIP(address.host) === 0 ? address.host : '',
      secureContext: this.#environment.secureContext(),
      ALPNProtocols: ['http/1.1'],
      ...(isToUpstream && tlsSession !== undefined ? { session: tlsSession } : {}),
    };
    const socket = connectSecure(options);
    if (isToUpstream) socket.on('session', onTlsSession);
    if (!isInner && this.#step !== 'proxy') {
      socket.once('connect', () => {
        this.#step = 'tls';
      });
    }
    return this.#ready(socket, 'secureConnect');
  }

  async #ready(socket: Socket, event: 'connect' | 'secureConnect'): Promise<Socket> {
    this.#opened.push(socket);
    // Stays for the socket's life: between two owners an error must not become an uncaught one.
    socket.on('error', ignore);
    // Stopped between two steps: nobody would close what this step opened.
    if (this.#isStopped) socket.destroy();
    await new Promise<void>((resolve, reject) => {
      socket.once(event, resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('closed while connecting')));
    });
    return socket;
  }

  #tcpOptions(address: Address) {
    this.#refuseForbidden(address.host);
    return {
      host: address.host,
      port: address.port,
      lookup: this.#environment.lookup,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEP_ALIVE_DELAY_MS,
    };
  }

  /** Node asks no lookup for a literal address, so literals are checked here. */
  #refuseForbidden(host: string): void {
    if (isIP(host) !== 0 && !isAllowedAddress(host, this.#environment.policy)) {
      throw new ConnectFailure('refused', ADDRESS_NOT_ALLOWED);
    }
  }
}
