import { Agent, request } from 'node:http';
import { bytesOf, type Recording } from './recording.ts';

export interface ClientAnswer {
  readonly status: number;
  readonly callId: string;
  readonly body: Buffer;
  /** The connection was cut before the answer ended. */
  readonly isCut: boolean;
  /** Codes in `x-relay-warnings`. */
  readonly warnings: readonly string[];
}

export interface ReplayClient {
  send(recording: Recording, relayPath: string): Promise<ClientAnswer>;
  /** A request of ours, as JSON. */
  post(path: string, body: unknown): Promise<ClientAnswer>;
  close(): void;
}

/** Credentials are ours, framing is the client's; everything else goes as it was recorded. */
const notSent =
  /^(?:host|connection|content-length|content-encoding|transfer-encoding|accept-encoding|keep-alive|te|upgrade|expect|cookie|authorization|proxy-.*|(?:x-)?(?:goog-)?api-key)$/;

const timeoutMs = 30_000;

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A plain HTTP client of the relay: headers and body in, exact bytes out. */
export function createReplayClient(url: string, key: string): ReplayClient {
  const agent = new Agent({ keepAlive: true });
  const exchange = ({ method, path, headers, body }: Sent): Promise<ClientAnswer> => {
    const { promise, resolve, reject } = Promise.withResolvers<ClientAnswer>();
    const sent = request(
      url + path,
      {
        method,
        agent,
        timeout: timeoutMs,
        headers: { ...headers, 'x-api-key': key, 'content-length': body.length },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', () => undefined);
        response.once('close', () =>
          resolve({
            status: response.statusCode ?? 0,
            callId: String(response.headers['x-relay-call-id'] ?? ''),
            body: Buffer.concat(chunks),
            isCut: !response.complete,
            warnings: String(response.headers['x-relay-warnings'] ?? '').split(/, ?/),
          }),
        );
      },
    );
    sent.once('timeout', () => sent.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    sent.once('error', reject);
    sent.end(body);
    return promise;
  };
  return {
    send: (recording, path) =>
      exchange({
        method: recording.method,
        path,
        headers: headersOf(recording),
        body: bytesOf(recording.request),
      }),
    post: (path, body) =>
      exchange({
        method: 'POST',
        path,
        headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
        body: Buffer.from(JSON.stringify(body)),
      }),
    close: () => agent.destroy(),
  };
}

function headersOf(recording: Recording): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  for (const [name, value] of Object.entries(recording.request.headers ?? {})) {
    if (notSent.test(name) || !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[^\t\x20-\x7e]/.test(value)) continue;
    headers[name] = value;
  }
  return headers;
}
