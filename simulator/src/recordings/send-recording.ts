import type { ServerResponse } from 'node:http';
import { bytesOf } from './recording.ts';
import type { Recording } from './recording.ts';

const HOP_HEADERS = new Set([
  'connection',
  'content-length',
  'content-encoding',
  'keep-alive',
  'transfer-encoding',
]);

/** Status, headers and body as recorded. A recorded text is a stream, so it goes out without a length, in frames. */
export async function sendRecording(recording: Recording, response: ServerResponse): Promise<void> {
  const bytes = bytesOf(recording.response);
  const headers: Record<string, string> = { 'x-simulator-recording': encodeURI(recording.id) };
  for (const [name, value] of Object.entries(recording.response.headers ?? {})) {
    if (!HOP_HEADERS.has(name.toLowerCase())) headers[name] = value;
  }
  const isStream = recording.response.text !== undefined;
  if (!isStream) headers['content-length'] = String(bytes.length);
  const closed = new Promise<void>((resolve) => void response.once('close', () => resolve()));
  response.writeHead(recording.response.status, headers);
  for (const frame of isStream ? framesOf(bytes) : [bytes]) {
    if (response.closed) return;
    if (!response.write(frame)) {
      await Promise.race([
        closed,
        new Promise<void>((resolve) => void response.once('drain', () => resolve())),
      ]);
    }
  }
  response.end();
  await closed;
}

function* framesOf(stream: Buffer): Iterable<Buffer> {
  let start = 0;
  for (let end = stream.indexOf('\n\n'); end >= 0; end = stream.indexOf('\n\n', start)) {
    yield stream.subarray(start, end + 2);
    start = end + 2;
  }
  if (start < stream.length) yield stream.subarray(start);
}
