import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bytesOf, type Recording } from '../recording.ts';

/** What the relay asked of the provider. */
export interface AskedRequest {
  readonly path: string;
  readonly body: string;
}

/** A provider that answers whatever comes with the recorded answer laid ready, and keeps what it was asked. */
export interface ScriptedProvider {
  readonly url: string;
  readonly asked: AskedRequest | undefined;
  /** The answer laid ready is in a carrier's own frames. */
  readonly isFramed: boolean;
  /** Lays the next answer ready and forgets the last request. */
  layReady(recording: Recording): void;
  close(): Promise<void>;
}

export async function startScriptedProvider(): Promise<ScriptedProvider> {
  let ready: Recording | undefined;
  let asked: AskedRequest | undefined;
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      asked = { path: request.url ?? '', body: Buffer.concat(pieces).toString() };
      response.writeHead(ready?.response.status ?? 500, { 'content-type': contentTypeOf(ready) });
      response.end(ready === undefined ? '' : bytesOf(ready.response));
    });
  });
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get asked() {
      return asked;
    },
    get isFramed() {
      return ready?.response.base64 !== undefined;
    },
    layReady(recording) {
      ready = recording;
      asked = undefined;
    },
    close: () => closed(server),
  };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

function contentTypeOf(recording: Recording | undefined): string {
  const recorded = recording?.response.headers?.['content-type'];
  if (recorded !== undefined) return recorded;
  if (recording?.response.base64 !== undefined) return 'application/vnd.amazon.eventstream';
  const { text } = recording?.response ?? {};
  return typeof text === 'string' && !text.trimStart().startsWith('{')
    ? 'text/event-stream'
    : 'application/json';
}
