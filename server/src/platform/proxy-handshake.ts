import { isIP } from 'node:net';
import type { Socket } from 'node:net';

import { ipv6Groups } from './address-policy.ts';
import { ConnectFailure } from './connect-failure.ts';

/**
 * Asks a proxy for a tunnel, over a socket that is already connected to it. Both ways let the proxy resolve the name,
 * since from such networks the local answer is often a wrong one.
 */
export interface ProxyTarget {
  readonly kind: 'connect' | 'socks5';
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
  readonly username: string;
  readonly password: string;
}

export interface TunnelEnd {
  readonly host: string;
  readonly port: number;
}

const MAX_ANSWER_BYTES = 16 * 1024;
const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'socks5:': 1080,
  'socks5h:': 1080,
};

/** Throws `TypeError` on a URL that names no proxy of a known kind; the URL itself is never in the message. */
export function readProxyUrl(text: string): ProxyTarget {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const defaultPort = DEFAULT_PORTS[url?.protocol ?? ''];
  if (url === undefined || defaultPort === undefined || url.hostname === '') {
    throw new TypeError('the proxy must be an http, https or socks5 URL');
  }
  const target: ProxyTarget = {
    kind: url.protocol.startsWith('socks5') ? 'socks5' : 'connect',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? defaultPort : Number(url.port),
    isSecure: url.protocol === 'https:',
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
  if (Buffer.byteLength(target.username) > 255 || Buffer.byteLength(target.password) > 255) {
    throw new TypeError('proxy credentials are limited to 255 bytes each');
  }
  return target;
}

/** Resolves once `socket` carries bytes to `end`. Rejects with `ConnectFailure`; the caller owns the socket. */
export async function askForTunnel(socket: Socket, proxy: ProxyTarget, end: TunnelEnd): Promise<void> {
  const answers = new AnswerReader(socket);
  try {
    if (proxy.kind === 'connect') await httpConnect(socket, answers, { proxy, end });
    else await socks5(socket, answers, { proxy, end });
    answers.assertEmpty();
  } finally {
    answers.detach();
  }
}

interface Tunnel {
  readonly proxy: ProxyTarget;
  readonly end: TunnelEnd;
}

async function httpConnect(socket: Socket, answers: AnswerReader, { proxy, end }: Tunnel): Promise<void> {
  const authority = `${end.host.includes(':') ? `[${end.host}]` : end.host}:${end.port}`;
  let head = `CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n`;
  if (proxy.username !== '' || proxy.password !== '') {
    const credentials = Buffer.from(`${proxy.username}:${proxy.password}`).toString('base64');
    head += `proxy-authorization: Basic ${credentials}\r\n`;
  }
  socket.write(`${head}\r\n`, 'latin1');
  const answer = await answers.readUntil('\r\n\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})(?:\s|$)/.exec(answer.toString('latin1'))?.[1];
  if (status === undefined) throw new ConnectFailure('proxy', 'PROXY_ANSWER_MALFORMED');
  if (!status.startsWith('2')) throw new ConnectFailure('proxy', `PROXY_STATUS_${status}`);
}

/** RFC 1928, with the password method of RFC 1929. */
async function socks5(socket: Socket, answers: AnswerReader, { proxy, end }: Tunnel): Promise<void> {
  const hasCredentials = proxy.username !== '' || proxy.password !== '';
  socket.write(hasCredentials ? Buffer.from([5, 2, 0, 2]) : Buffer.from([5, 1, 0]));
  const choice = await answers.read(2);
  if (choice[0] !== 5) throw new ConnectFailure('proxy', 'PROXY_ANSWER_MALFORMED');
  if (choice[1] === 2 && hasCredentials) {
    const username = Buffer.from(proxy.username);
    const password = Buffer.from(proxy.password);
    const lengths = [Buffer.from([1, username.length]), Buffer.from([password.length])] as const;
    socket.write(Buffer.concat([lengths[0], username, lengths[1], password]));
    const verdict = await answers.read(2);
    if (verdict[1] !== 0) throw new ConnectFailure('proxy', 'PROXY_CREDENTIALS_REFUSED');
  } else if (choice[1] !== 0) {
    throw new ConnectFailure('proxy', 'PROXY_CREDENTIALS_REFUSED');
  }
  const port = Buffer.from([end.port >> 8, end.port & 255]);
  socket.write(Buffer.concat([Buffer.from([5, 1, 0]), socksAddress(end.host), port]));
  const reply = await answers.read(4);
  if (reply[0] !== 5) throw new ConnectFailure('proxy', 'PROXY_ANSWER_MALFORMED');
  if (reply[1] !== 0) throw new ConnectFailure('proxy', `PROXY_SOCKS_REPLY_${reply[1]}`);
  await skipBoundAddress(answers, reply[3] as number);
}

function socksAddress(host: string): Buffer {
  const version = isIP(host);
  if (version === 4) return Buffer.from([1, ...host.split('.').map(Number)]);
  if (version === 6)
    return Buffer.from([4, ...ipv6Groups(host).flatMap((group) => [group >> 8, group & 255])]);
  const name = Buffer.from(host);
  if (name.length > 255) throw new ConnectFailure('proxy', 'PROXY_NAME_TOO_LONG');
  return Buffer.concat([Buffer.from([3, name.length]), name]);
}

async function skipBoundAddress(answers: AnswerReader, kind: number): Promise<void> {
  const sizes: Readonly<Record<number, number>> = { 1: 4, 4: 16 };
  const bytes = kind === 3 ? (await answers.read(1))[0] : sizes[kind];
  if (bytes === undefined) throw new ConnectFailure('proxy', 'PROXY_ANSWER_MALFORMED');
  await answers.read(bytes + 2);
}

/** Collects the proxy's few answer bytes; bounded. Owns the socket's listeners for the length of the handshake. */
class AnswerReader {
  readonly #socket: Socket;
  #bytes: Buffer = Buffer.alloc(0);
  #failure: ConnectFailure | undefined;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', this.#onData);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
    socket.on('end', this.#onClose);
  }

  async read(count: number): Promise<Buffer> {
    while (this.#bytes.length < count) await this.#more();
    return this.#take(count);
  }

  async readUntil(mark: string): Promise<Buffer> {
    for (;;) {
      const at = this.#bytes.indexOf(mark);
      if (at >= 0) return this.#take(at + mark.length);
      if (this.#bytes.length > MAX_ANSWER_BYTES) throw new ConnectFailure('proxy', 'PROXY_ANSWER_MALFORMED');
      await this.#more();
    }
  }

  /** The far end never speaks first in HTTP or TLS: bytes behind the proxy's answer are not ours to guess about. */
  assertEmpty(): void {
    if (this.#bytes.length > 0) throw new ConnectFailure('proxy', 'PROXY_ANSWER_MALFORMED');
  }

  detach(): void {
    this.#socket.pause();
    this.#socket.off('data', this.#onData);
    this.#socket.off('error', this.#onError);
    this.#socket.off('close', this.#onClose);
    this.#socket.off('end', this.#onClose);
  }

  #take(count: number): Buffer {
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }

  async #more(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (this.#failure !== undefined) throw this.#failure;
  }

  readonly #onData = (bytes: Buffer): void => {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    this.#wake?.();
  };

  readonly #onError = (error: NodeJS.ErrnoException): void => {
    this.#failure ??= new ConnectFailure('proxy', error.code);
    this.#wake?.();
  };

  readonly #onClose = (): void => {
    this.#failure ??= new ConnectFailure('proxy', 'PROXY_CLOSED');
    this.#wake?.();
  };
}
