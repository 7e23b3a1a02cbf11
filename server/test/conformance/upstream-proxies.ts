import { connect } from 'node:net';
import type { Socket } from 'node:net';

import { openPeer } from './upstream-peer.ts';
import type { Peer } from './upstream-peer.ts';

/** The two kinds of proxy, as small as they can be. They reach every name at 127.0.0.1. */
export interface ProxyCredentials {
  readonly username: string;
  readonly password: string;
}

export async function openConnectProxy(isSecure: boolean, wanted?: ProxyCredentials): Promise<Peer> {
  const credentials = wanted === undefined ? '' : `${wanted.username}:${wanted.password}`;
  const expected = `\r\nproxy-authorization: Basic ${Buffer.from(credentials).toString('base64')}\r\n`;
  return openPeer(isSecure, (near, reset) => {
    let head = '';
    const onData = (bytes: Buffer): void => {
      head += bytes.toString('latin1');
      if (!head.endsWith('\r\n\r\n')) return;
      near.off('data', onData);
      const port = /^CONNECT \S+:(\d+) HTTP\/1\.1\r\n/.exec(head)?.[1];
      if (wanted !== undefined && !head.includes(expected)) {
        near.end('HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n');
      } else {
        join(near, { port: Number(port), reset, greeting: 'HTTP/1.1 200 Connection established\r\n\r\n' });
      }
    };
    near.on('data', onData);
  });
}

export async function openSocksProxy(wanted?: ProxyCredentials): Promise<Peer> {
  return openPeer(false, (near, reset) => {
    let bytes = Buffer.alloc(0);
    let step: 'greeting' | 'password' | 'order' = 'greeting';
    const onData = (more: Buffer): void => {
      bytes = Buffer.concat([bytes, more]);
      if (step === 'greeting') {
        step = wanted === undefined ? 'order' : 'password';
        near.write(Buffer.from([5, wanted === undefined ? 0 : 2]));
      } else if (step === 'password') {
        step = 'order';
        const nameLength = bytes[1] as number;
        const username = bytes.toString('utf8', 2, 2 + nameLength);
        const isRight =
          username === wanted?.username && bytes.toString('utf8', 3 + nameLength) === wanted.password;
        near.write(Buffer.from([1, isRight ? 0 : 1]));
        if (!isRight) near.end();
      } else {
        near.off('data', onData);
        const port = bytes.readUInt16BE(bytes.length - 2);
        join(near, { port, reset, greeting: Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]) });
      }
      bytes = Buffer.alloc(0);
    };
    near.on('data', onData);
  });
}

interface Joint {
  readonly port: number;
  readonly reset: () => void;
  readonly greeting: string | Buffer;
}

/** Both ways, with ends, resets and back-pressure handed on. */
function join(near: Socket, { port, reset, greeting }: Joint): void {
  const far = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  far.on('connect', () => {
    near.write(greeting);
    near.pipe(far);
    far.pipe(near);
  });
  far.on('error', reset);
  near.on('close', () => far.destroy());
}
