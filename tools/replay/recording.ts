import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

export type Fields = Readonly<Record<string, unknown>>;

/** One recorded exchange, as a line of a recordings file tells it. */
export interface Recording {
  readonly id: string;
  readonly family: string;
  readonly host: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly request: RecordedMessage;
  readonly response: RecordedMessage & { readonly status: number };
}

export interface RecordedMessage {
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** A stream's text; some recorders put an object here that was sent as JSON. */
  readonly text?: unknown;
  readonly base64?: string;
}

/** A line that is no recording; it is reported, never passed over in silence. */
export interface OddLine {
  readonly family: string;
  readonly place: string;
  readonly reason: string;
}

export interface RecordingFolder {
  readonly recordings: readonly Recording[];
  readonly oddLines: readonly OddLine[];
}

/** What the reader has to put right before anything can be replayed; the message is the one sentence to print. */
export class ReplayRefusal extends Error {}

/** Reads every *.jsonl file of a folder, in the order of their names. Throws `ReplayRefusal`. */
export function readRecordings(folder: string): RecordingFolder {
  const names = filesOf(folder);
  const recordings: Recording[] = [];
  const oddLines: OddLine[] = [];
  for (const name of names) {
    const fileFamily = basename(name, '.jsonl');
    const lines = readFileSync(join(folder, name), 'utf8').split('\n');
    for (const [index, line] of lines.entries()) {
      if (line.trim() === '') continue;
      const place = `${name} line ${index + 1}`;
      const found = readLine(line, fileFamily, place);
      if (typeof found === 'string') oddLines.push({ family: fileFamily, place, reason: found });
      else recordings.push(found);
    }
  }
  if (recordings.length === 0 && oddLines.length === 0) {
    throw new ReplayRefusal(`There is no recording in ${folder}: its .jsonl files are empty.`);
  }
  return { recordings, oddLines };
}

function filesOf(folder: string): readonly string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new ReplayRefusal(`There is no folder ${folder}: name one that holds recordings as .jsonl files.`);
  }
  const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  if (names.length === 0)
    throw new ReplayRefusal(`There is no recording in ${folder}: it has no .jsonl file.`);
  return names.toSorted();
}

/** The recording in a line, or what is wrong with it. */
function readLine(line: string, fileFamily: string, place: string): Recording | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return 'the line is not JSON';
  }
  const fields = fieldsOf(parsed);
  const request = fieldsOf(fields?.['request']);
  const response = fieldsOf(fields?.['response']);
  const { id, family, host, method, path } = fields ?? {};
  if (typeof method !== 'string' || typeof path !== 'string' || !path.startsWith('/')) {
    return 'the line has no method or path';
  }
  if (request === undefined || typeof response?.['status'] !== 'number') {
    return 'the line has no request, or no response with a status';
  }
  return {
    id: typeof id === 'string' && id !== '' ? id : place,
    family: typeof family === 'string' && family !== '' ? family : fileFamily,
    host: typeof host === 'string' ? host : '',
    method: method.toUpperCase(),
    path,
    request: messageOf(request),
    response: { ...messageOf(response), status: response['status'] },
  };
}

function messageOf(fields: Fields): RecordedMessage {
  const headers = Object.entries(fieldsOf(fields['headers']) ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const { json, text, base64 } = fields;
  return {
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    ...(json === undefined ? {} : { json }),
    ...(text === undefined || text === null ? {} : { text }),
    ...(typeof base64 === 'string' ? { base64 } : {}),
  };
}

/** A body as it was sent: JSON as `JSON.stringify` spells it. */
export function bytesOf(message: RecordedMessage): Buffer {
  if (message.json !== undefined) return Buffer.from(JSON.stringify(message.json));
  if (message.base64 !== undefined) return Buffer.from(message.base64, 'base64');
  if (typeof message.text === 'string') return Buffer.from(message.text);
  return message.text === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(message.text));
}

/** The JSON object of a body, however it was recorded. */
export function jsonOf(message: RecordedMessage): Fields | undefined {
  return message.json === undefined ? parsedFields(bytesOf(message).toString()) : fieldsOf(message.json);
}

/** The JSON object that a text is, if it is one. */
export function parsedFields(text: string): Fields | undefined {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The JSON payloads of a body that is a stream of server-sent events or of AWS; `undefined` when it is none. */
export function payloadsOf(message: RecordedMessage): readonly Fields[] | undefined {
  if (message.base64 !== undefined) return messagesOf(Buffer.from(message.base64, 'base64'));
  if (typeof message.text !== 'string' || !/^(?:data|event|id|retry)?:/m.test(message.text)) return undefined;
  return message.text.split(/\r\n|\n|\r/).flatMap((line) => {
    if (!line.startsWith('data:')) return [];
    const payload = parsedFields(line.slice('data:'.length));
    return payload === undefined ? [] : [payload];
  });
}

export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** Payloads of AWS's framing: length of all, of the headers, a checksum; headers, payload, a checksum. */
function messagesOf(stream: Buffer): readonly Fields[] | undefined {
  const payloads: Fields[] = [];
  for (let at = 0; at < stream.length;) {
    const size = at + 16 > stream.length ? 0 : stream.readUInt32BE(at);
    if (size < 16 || at + size > stream.length) return undefined;
    const from = at + 12 + stream.readUInt32BE(at + 4);
    const payload = parsedFields(stream.toString('utf8', from, at + size - 4));
    if (payload !== undefined) payloads.push(payload);
    at += size;
  }
  return payloads;
}
