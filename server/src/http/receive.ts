import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import { RelayError } from '../domain/errors.ts';
import type { CallId } from '../domain/ids.ts';
import type { Now } from '../domain/time.ts';
import type { ByteBudget } from '../platform/byte-budget.ts';
import { digitsOf } from '../platform/digits.ts';
import type { WireProtocol } from '../protocols/wire-protocol.ts';
import type { Arrival } from '../relay/arrival.ts';
import type { DataRoute } from './addresses.ts';
import { completeBody, type CompletedBody } from './complete-body.ts';
import { presentedKey, withoutKey } from './presented-key.ts';

export interface ReceiveOptions {
  readonly callId: CallId;
  readonly protocol: WireProtocol;
  readonly now: Now;
  readonly maxBodyBytes: number;
  readonly budget: ByteBudget;
  /** Bytes taken from the budget for this call are added here and given back by the owner of the call. */
  readonly lease: BodyLease;
}

/** What a call owes the process-wide byte budget. */
export interface BodyLease {
  bytes: number;
}

/**
 * Stage 1: reads one request whole, within the body limit and the byte budget of the process. Throws `method_not_allowed`,
 * `unsupported_media_type`, `body_too_large`, `overloaded`, `client_gone`.
 */
export async function receive(
  request: IncomingMessage,
  route: DataRoute,
  options: ReceiveOptions,
): Promise<Arrival> {
  const startedMs = performance.now();
  const { method } = route.target;
  if (request.method !== (method ?? 'POST')) {
    const asked = method === undefined ? 'a POST request with a JSON body' : `a ${method} request`;
    throw new RelayError('method_not_allowed', { message: `Send this as ${asked}.` });
  }
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') throw new RelayError('unsupported_media_type');
  const sent = await readBody(request, options);
  const { body, version }: CompletedBody =
    route.bodyFields === undefined ? { body: sent } : completeBody(sent, route.bodyFields);
  const fromHeaders = headerReader(request.headers);
  const header =
    version === undefined
      ? fromHeaders
      : (name: string) => (name === versionHeader ? version : fromHeaders(name));
  const protocolVersion = header(versionHeader);
  return {
    callId: options.callId,
    receivedAt: options.now(),
    startedMs,
    protocol: options.protocol,
    target: {
      ...route.target,
      query: withoutKey(route.target.query),
      ...(protocolVersion === undefined ? {} : { protocolVersion }),
    },
    body,
    header,
    presentedKey: presentedKey(request.headers, route.target.query),
    address: request.socket.remoteAddress ?? '',
  };
}

const versionHeader = 'anthropic-version';

/** Headers later stages may see. Credentials, cookies and everything unknown stay behind. */
const allowedNames: ReadonlySet<string> = new Set([
  'accept',
  'anthropic-beta',
  'anthropic-version',
  'idempotency-key',
  'openai-beta',
  'session-id',
  'x-claude-code-session-id',
  'x-relay-route',
  'x-session-affinity',
  'x-session-id',
]);

function headerReader(headers: IncomingHttpHeaders): (name: string) => string | undefined {
  return (name) => {
    const value = allowedNames.has(name) ? headers[name] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
}

function readBody(request: IncomingMessage, options: ReceiveOptions): Promise<Buffer> {
  const declared = digitsOf(request.headers['content-length'] ?? '');
  if (declared > options.maxBodyBytes) return Promise.reject(tooLarge(options.maxBodyBytes));
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  const fail = (error: RelayError): void => {
    request.removeListener('data', take);
    request.resume();
    reject(error);
  };
  const take = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > options.maxBodyBytes) fail(tooLarge(options.maxBodyBytes));
    else if (!options.budget.take(chunk.length)) fail(new RelayError('overloaded', { retryAfterMs: 1_000 }));
    else {
      options.lease.bytes += chunk.length;
      chunks.push(chunk);
    }
  };
  request.on('data', take);
  request.once('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size)));
  request.once('close', () => {
    if (!request.complete) reject(new RelayError('client_gone'));
  });
  return promise;
}

function tooLarge(maxBytes: number): RelayError {
  return new RelayError('body_too_large', {
    message: `The request body is larger than ${maxBytes} bytes, the most this relay takes. Send less, or ask the operator to raise the body limit.`,
  });
}
