/** Text side of HTTP/1.1: writes request heads and reads response heads. Pure; knows no sockets. */
import { digitsOf } from './digits.ts';

export interface ResponseHead {
  readonly status: number;
  /** Flat list with lower-case names. */
  readonly headers: readonly string[];
  /** Body bytes announced; `CHUNKED` and `UNTIL_CLOSE` for the two other framings. */
  readonly bodyLength: number;
  readonly isKeepAlive: boolean;
  /** Seconds the upstream promises to keep an idle connection, where it says so. */
  readonly idleSeconds?: number;
}

export const CHUNKED = -1;
export const UNTIL_CLOSE = -2;
const CRLF_BYTES = 2;

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** The characters that `node:http` accepts in a header value, so that a head we took can be sent on. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const REQUEST_TARGET = /^\/[\x21-\x7e]*$/;

/** Framing, connection and encoding headers belong to the client: a second copy would let two readers disagree. */
const OWNED_BY_CLIENT = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'proxy-connection',
  'upgrade',
  'expect',
  'te',
  'trailer',
  'accept-encoding',
]);

/**
 * Names seen so far with their lower case, by length: the same few come with every exchange, and comparing them where they
 * stand is cheaper than cutting each out to look it up.
 */
const seenNames: SeenName[][] = Array.from({ length: 64 }, () => []);
const maxSeenOfLength = 8;

interface SeenName {
  readonly name: string;
  readonly lower: string;
}

/** The lower case of `text` from `from` to `to`; undefined where that is no header name. */
function lowerName(text: string, from: number, to: number): string | undefined {
  const seen = seenNames[to - from];
  if (seen !== undefined) {
    for (const { name, lower } of seen) if (text.startsWith(name, from)) return lower;
  }
  const name = text.slice(from, to);
  if (!TOKEN.test(name)) return undefined;
  const lower = name.toLowerCase();
  if (seen !== undefined && seen.length < maxSeenOfLength) seen.push({ name, lower });
  return lower;
}

export interface RequestHeadParts {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly headers: readonly string[];
  readonly bodyBytes: number;
}

/** Throws `TypeError` on a header or path that would break out of its line: no caller may build one. */
export function writeRequestHead(parts: RequestHeadParts): string {
  const { method, path, headers, bodyBytes } = parts;
  if (!REQUEST_TARGET.test(path)) throw new TypeError('request path holds characters that are not allowed');
  let head = `${method} ${path} HTTP/1.1\r\nhost: ${parts.host}\r\naccept-encoding: identity\r\n`;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] as string;
    const value = headers[index + 1] as string;
    const lower = lowerName(name, 0, name.length);
    if (lower === undefined) throw new TypeError('request header name holds characters that are not allowed');
    if (OWNED_BY_CLIENT.has(lower)) continue;
    if (!FIELD_VALUE.test(value)) throw new TypeError(`request header ${name} holds characters not allowed`);
    head += `${name}: ${value}\r\n`;
  }
  if (bodyBytes > 0 || method === 'POST') head += `content-length: ${bodyBytes}\r\n`;
  return `${head}\r\n`;
}

interface Framing {
  contentLength: string | undefined;
  transferEncoding: string | undefined;
  connection: string;
  keepAlive: string | undefined;
  isDoubled: boolean;
}

/** `text` is the head without its last empty line. Undefined where it breaks the grammar or its framing is unclear. */
export function readResponseHead(text: string): ResponseHead | undefined {
  let at = lineEnd(text, 0);
  const start = STATUS_LINE.exec(text.slice(0, at));
  if (start === null) return undefined;
  const headers: string[] = [];
  const framing: Framing = {
    contentLength: undefined,
    transferEncoding: undefined,
    connection: '',
    keepAlive: undefined,
    isDoubled: false,
  };
  while (at < text.length) {
    const from = at + CRLF_BYTES;
    at = lineEnd(text, from);
    const colon = text.indexOf(':', from);
    if (colon <= from || colon >= at) return undefined;
    const name = lowerName(text, from, colon);
    const value = text.slice(colon + 1, at).trim();
    if (name === undefined || !FIELD_VALUE.test(value)) return undefined;
    headers.push(name, value);
    noteFraming(framing, name, value);
  }
  return conclude({ status: digitsOf(start[2] ?? ''), isOld: start[1] === '0', headers, framing });
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\r\n', from);
  return end === -1 ? text.length : end;
}

function noteFraming(framing: Framing, name: string, value: string): void {
  switch (name) {
    case 'content-length':
      framing.isDoubled ||= framing.contentLength !== undefined;
      framing.contentLength = value;
      break;
    case 'transfer-encoding':
      framing.isDoubled ||= framing.transferEncoding !== undefined;
      framing.transferEncoding = value;
      break;
    case 'connection':
      framing.connection += `,${value.toLowerCase()}`;
      break;
    case 'keep-alive':
      framing.keepAlive = value;
      break;
    default:
  }
}

const noOptions: readonly string[] = [];

interface HeadFacts {
  readonly status: number;
  readonly isOld: boolean;
  readonly headers: readonly string[];
  readonly framing: Framing;
}

function conclude({ status, isOld, headers, framing }: HeadFacts): ResponseHead | undefined {
  if (framing.isDoubled) return undefined;
  const bodyLength = bodyLengthOf(status, isOld, framing);
  if (bodyLength === undefined) return undefined;
  const options =
    framing.connection === '' ? noOptions : framing.connection.split(',').map((option) => option.trim());
  const isKeepAlive =
    bodyLength !== UNTIL_CLOSE && !options.includes('close') && (!isOld || options.includes('keep-alive'));
  const head = { status, headers, bodyLength, isKeepAlive };
  if (framing.keepAlive === undefined) return head;
  const promised = /(?:^|[,\s])timeout=(\d{1,6})/i.exec(framing.keepAlive);
  return promised === null ? head : { ...head, idleSeconds: Number(promised[1]) };
}

/** RFC 9112 section 6.3, without its leniencies: both framings at once and repeated lengths are refused. */
function bodyLengthOf(status: number, isOld: boolean, framing: Framing): number | undefined {
  const { contentLength, transferEncoding } = framing;
  if (transferEncoding !== undefined) {
    if (contentLength !== undefined || isOld) return undefined;
    if (transferEncoding.toLowerCase() !== 'chunked') return undefined;
  }
  const length = contentLength === undefined ? UNTIL_CLOSE : digitsOf(contentLength);
  if (Number.isNaN(length)) return undefined;
  if (status < 200 || status === 204 || status === 304) return 0;
  if (transferEncoding !== undefined) return CHUNKED;
  return length;
}
