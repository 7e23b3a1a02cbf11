import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createSecureServer } from 'node:tls';

const TLS_FOLDER = new URL('../fixtures/tls/', import.meta.url);
export const TEST_AUTHORITY = readFileSync(new URL('test-only-localhost.cert.pem', TLS_FOLDER), 'utf8');
const TEST_KEY = readFileSync(new URL('test-only-localhost.key.pem', TLS_FOLDER), 'utf8');

/** A raw server under the test's command: it answers nothing by itself. */
export interface Peer {
  readonly port: number;
  /** Open sockets as this end sees them. */
  readonly open: ReadonlySet<Socket>;
  /** Sockets ever accepted. */
  readonly accepted: () => number;
  /** Resolves once no socket is open. */
  drained(): Promise<void>;
  close(): Promise<void>;
}

export type OnSocket = (socket: Socket, reset: () => void) => void;

export async function openPeer(isSecure: boolean, onSocket: OnSocket): Promise<Peer> {
  const open = new Set<Socket>();
  const raws = new Map<number | undefined, Socket>();
  let accepted = 0;
  let onChange = (): void => undefined;
  const accept = (socket: Socket): void => {
    accepted += 1;
    open.add(socket);
    socket.setNoDelay(true);
    // Resets are part of what is tested: the socket's close tells enough.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      open.delete(socket);
      onChange();
    });
    const raw = raws.get(socket.remotePort) ?? socket;
    onSocket(socket, () => raw.resetAndDestroy());
  };
  const server = isSecure
    ? createSecureServer({ key: TEST_KEY, cert: TEST_AUTHORITY }, accept)
    : createPlainServer(accept);
  if (isSecure) {
    server.on('connection', (raw: Socket) => {
      raws.set(raw.remotePort, raw);
      raw.on('error', () => undefined);
    });
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const drained = async (): Promise<void> => {
    while (open.size > 0) {
      await new Promise<void>((resolve) => {
        onChange = resolve;
      });
    }
  };
  return {
    port: (server.address() as AddressInfo).port,
    open,
    accepted: () => accepted,
    drained,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface PeerRequest {
  readonly head: string;
  readonly body: Buffer;
  /** Counts the requests on this socket, from 1. */
  readonly number: number;
}

/** Calls `answer` for each whole request (content-length framing) that arrives on `socket`. */
export function onRequests(socket: Socket, answer: (request: PeerRequest) => void): void {
  let bytes = Buffer.alloc(0);
  let number = 0;
  socket.on('data', (more: Buffer) => {
    bytes = Buffer.concat([bytes, more]);
    for (;;) {
      const headEnd = bytes.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const head = bytes.toString('latin1', 0, headEnd);
      const length = Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0);
      if (bytes.length < headEnd + 4 + length) return;
      const body = Buffer.from(bytes.subarray(headEnd + 4, headEnd + 4 + length));
      bytes = bytes.subarray(headEnd + 4 + length);
      number += 1;
      answer({ head, body, number });
    }
  });
}
