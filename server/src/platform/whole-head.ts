import { STATUS_CODES, type ServerResponse } from 'node:http';

/** What `node:http` itself works with and does not document; a runtime without it gets the plain way. */
interface ResponseInternals {
  _header?: string | null;
  readonly _keepAliveTimeout?: number;
  readonly _expect_continue?: boolean;
}

/** The characters that `node:http` accepts in a header value. */
const UNFIT = /[^\t\x20-\x7e\x80-\xff]/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** `name: ` of the names seen so far, which are few; they are looked at once. */
const labels = new Map<string, string>();
const mostLabels = 256;

function labelOf(name: string): string | undefined {
  const known = labels.get(name);
  if (known !== undefined || !TOKEN.test(name)) return known;
  const label = `\r\n${name}: `;
  if (labels.size < mostLabels) labels.set(name, label);
  return label;
}

/**
 * Gives a response the whole head of an answer with a body. `writeHead` looks at each name and value by itself, which costs
 * three times as much as all else that is done for it: here all values are looked at in one go. False where the answer is
 * not of the common kind (the connection ends with it, another HTTP version) or the head would not be one: `writeHead` then
 * does as it does, or refuses.
 */
export function giveWholeHead(response: ServerResponse, status: number, headers: readonly string[]): boolean {
  const internals = response as ServerResponse & ResponseInternals;
  const { _header: header, _keepAliveTimeout: keepAliveMs, _expect_continue: expectsContinue } = internals;
  const isCommon =
    header === null &&
    keepAliveMs !== undefined &&
    expectsContinue === false &&
    response.shouldKeepAlive &&
    response.req.httpVersionMinor === 1 &&
    response.req.method !== 'HEAD';
  if (!isCommon) return false;
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}`;
  let values = '';
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const label = labelOf(headers[index] as string);
    if (label === undefined) return false;
    const value = headers[index + 1] as string;
    head += label + value;
    values += value;
  }
  if (UNFIT.test(values)) return false;
  response.statusCode = status;
  // oxlint-disable-next-line no-underscore-dangle -- this is what node:http calls it
  internals._header = head + endOfHead(keepAliveMs);
  return true;
}

let endSecond = 0;
let endKeepAliveMs = 0;
let end = '';

/** What `node:http` adds by itself; the same for a second. */
function endOfHead(keepAliveMs: number): string {
  const now = Date.now();
  const second = Math.floor(now / 1_000);
  if (second === endSecond && keepAliveMs === endKeepAliveMs) return end;
  endSecond = second;
  endKeepAliveMs = keepAliveMs;
  const promise = keepAliveMs === 0 ? '' : `Keep-Alive: timeout=${Math.floor(keepAliveMs / 1_000)}\r\n`;
  end = `\r\nDate: ${new Date(now).toUTCString()}\r\nConnection: keep-alive\r\n${promise}\r\n`;
  return end;
}
