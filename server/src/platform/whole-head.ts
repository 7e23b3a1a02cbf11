import { STATUS_CODES, type ServerResponse } from 'node:http';

/** What `node:http` itself works with and does not document; a runtime without it gets the plain way. */
interface ResponseInternals {
  _header?: string | null;
  readonly _keepAliveTimeout?: number;
  readonly _expect_continue?: boolean;
}

/** The characters that `node:http` accepts in a header value. */
const UNFIT = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * Gives a response the whole head of an answer with a body. `writeHead` looks at each name and value by itself, which costs
 * four times as much as all else that is done for it: here all of them are looked at in one go. False where the answer is
 * not of the common kind (the connection ends with it, a pipelined one waits, another HTTP version) or the head would not
 * be one: `writeHead` then does as it does, or refuses.
 */
export function giveWholeHead(response: ServerResponse, status: number, headers: readonly string[]): boolean {
  const internals = response as ServerResponse & ResponseInternals;
  const { _keepAliveTimeout: keepAliveMs } = internals;
  const isCommon =
    internals._header === null &&
    keepAliveMs !== undefined &&
    internals._expect_continue === false &&
    response.shouldKeepAlive &&
    response.req.httpVersionMinor === 1 &&
    response.req.method !== 'HEAD';
  if (!isCommon) return false;
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
  let sent = '';
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] as string;
    const value = headers[index + 1] as string;
    head += `${name}: ${value}\r\n`;
    sent += name + value;
  }
  if (UNFIT.test(sent)) return false;
  internals.statusCode = status;
  internals._header = `${head}${datesLine()}Connection: keep-alive\r\n${keepAliveLine(keepAliveMs)}\r\n`;
  return true;
}

let dateSecond = 0;
let dateLine = '';

function datesLine(): string {
  const now = Date.now();
  const second = Math.floor(now / 1_000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateLine = `Date: ${new Date(now).toUTCString()}\r\n`;
  }
  return dateLine;
}

let keepAliveOf = -1;
let keepAlive = '';

function keepAliveLine(timeoutMs: number): string {
  if (timeoutMs !== keepAliveOf) {
    keepAliveOf = timeoutMs;
    keepAlive = timeoutMs === 0 ? '' : `Keep-Alive: timeout=${Math.floor(timeoutMs / 1_000)}\r\n`;
  }
  return keepAlive;
}
