import { createHash } from 'node:crypto';

/** One line of a recordings file. */
export interface Recording {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly request: RecordedBody;
  readonly response: RecordedBody & { readonly status: number };
}

interface RecordedBody {
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** Some recorders put an object here that was sent as JSON. */
  readonly text?: unknown;
  readonly base64?: string;
}

/** Requests with the same key are the same request: method, path, query and body; headers do not count. */
export function keyOfRecording(recording: Recording): string {
  const { json, text, base64 } = recording.request;
  if (json !== undefined) return requestKey(recording.method, recording.path, canonical(json));
  if (typeof text === 'object' && text !== null)
    return requestKey(recording.method, recording.path, canonical(text));
  const plain = base64 === undefined ? text : Buffer.from(base64, 'base64').toString('utf8');
  return keyOfRequest(recording.method, recording.path, typeof plain === 'string' ? plain : '');
}

export function keyOfRequest(method: string, url: string, bodyText: string): string {
  return requestKey(method, url, canonicalText(bodyText));
}

/** The body as it was sent: JSON as `JSON.stringify` spells it. */
export function bytesOf(body: RecordedBody): Buffer {
  if (body.json !== undefined) return Buffer.from(JSON.stringify(body.json));
  if (body.base64 !== undefined) return Buffer.from(body.base64, 'base64');
  if (typeof body.text === 'string') return Buffer.from(body.text);
  return body.text === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body.text));
}

function requestKey(method: string, url: string, body: string): string {
  return createHash('sha256')
    .update(`${method.toUpperCase()} ${canonicalUrl(url)}\n${body}`)
    .digest('base64');
}

/** Keys in the query are credentials, not part of the question; escapes are one spelling of several. */
function canonicalUrl(url: string): string {
  const parsed = new URL(url, 'http://recorded');
  parsed.searchParams.delete('key');
  let path = parsed.pathname;
  try {
    path = decodeURIComponent(path);
  } catch {
    // A stray percent sign: the path is compared as it is.
  }
  const query = parsed.searchParams.toString();
  return query === '' ? path : `${path}?${query}`;
}

function canonicalText(text: string): string {
  try {
    return canonical(JSON.parse(text));
  } catch {
    return text;
  }
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([left], [right]) => (left < right ? -1 : 1)));
  });
}
