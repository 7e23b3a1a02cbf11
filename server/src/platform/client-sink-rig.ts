import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

import { createClientSink } from './client-sink.ts';
import type { ClientSink } from './client-sink.ts';

/** For the sink's tests: a real server, and a client that sees raw bytes. */
export type Answer = (sink: ClientSink, request: IncomingMessage, response: ServerResponse) => void;

/** `bytes` collects what the client has read so far. */
interface RawClient {
  readonly socket: Socket;
  readonly text: () => string;
  /** Resolves once the bytes so far satisfy `is`, or the connection ended. */
  readonly until: (is: (text: string) => boolean) => Promise<string>;
}

export async function serve(answer: Answer, play: (client: RawClient) => Promise<void>): Promise<void> {
  const server = createServer((request, response) => {
    request.resume();
    answer(createClientSink(response), request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  try {
    await play(rawClient(socket));
  } finally {
    socket.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function rawClient(socket: Socket): RawClient {
  let bytes = '';
  let isEnded = false;
  let onChange = (): void => undefined;
  socket.on('data', (more) => {
    bytes += more.toString('latin1');
    onChange();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    isEnded = true;
    onChange();
  });
  return {
    socket,
    text: () => bytes,
    async until(is) {
      for (;;) {
        if (is(bytes) || isEnded) break;
        await new Promise<void>((resolve) => {
          onChange = resolve;
        });
      }
      assert.ok(is(bytes), `the connection ended after: ${bytes.slice(0, 500)}`);
      return bytes;
    },
  };
}

export const get = (path: string, rest = ''): string => `GET ${path} HTTP/1.1\r\nhost: a\r\n${rest}\r\n`;
export const bodyOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4);
export const endsWithLastChunk = (text: string): boolean => text.endsWith('0\r\n\r\n');
