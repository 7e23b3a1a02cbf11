/**
 * Http: the sockets of the relay. Data routes run on `node:http` alone; the framework serves the control plane and the web
 * app on the same port (`control-app.ts`). Nothing below this folder knows either. Begin at `createDataServer`.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { RelayError } from '../domain/errors.ts';
import type { CallId } from '../domain/ids.ts';
import type { Now } from '../domain/time.ts';
import type { Observe } from '../observe/observation.ts';
import { placeOf } from '../observe/log.ts';
import type { ByteBudget } from '../platform/byte-budget.ts';
import { createClientSink, type ClientSink } from '../platform/client-sink.ts';
import type { ClientProtocolId } from '../protocols/canonical/request.ts';
import type { WireProtocol } from '../protocols/wire-protocol.ts';
import { Presence, type Arrival, type ClientPresence } from '../relay/arrival.ts';
import { findDataRoute, type DataRoute } from './addresses.ts';
import { answerError } from '../relay/answer-error.ts';
import { receive, type BodyLease } from './receive.ts';

export interface DataServerOptions {
  readonly protocols: Readonly<Record<ClientProtocolId, WireProtocol>>;
  readonly now: Now;
  readonly newCallId: () => CallId;
  readonly maxBodyBytes: number;
  readonly budget: ByteBudget;
  readonly observe: Observe;
  /** Runs the stages from `identify` on; resolves when the last byte is out. */
  relay(
    arrival: Arrival,
    client: { readonly sink: ClientSink; readonly presence: ClientPresence },
  ): Promise<void>;
  /** Everything that is not a data route. */
  readonly control: (request: IncomingMessage, response: ServerResponse) => void;
}

export interface DataServer {
  readonly server: Server;
  openCalls(): number;
  /** Resolves when no call is open, or after `graceMs`. */
  idle(graceMs: number): Promise<void>;
}

const requestTimeoutMs = 300_000;
const headersTimeoutMs = 30_000;
const keepAliveTimeoutMs = 75_000;

export function createDataServer(options: DataServerOptions): DataServer {
  let openCalls = 0;
  let onIdle: (() => void) | undefined;
  const ended = (): void => {
    openCalls -= 1;
    if (openCalls === 0) onIdle?.();
  };
  const server = createServer(
    {
      noDelay: true,
      keepAliveTimeout: keepAliveTimeoutMs,
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
    },
    (request, response) => {
      const url = request.url ?? '/';
      const queryAt = url.indexOf('?');
      const path = queryAt === -1 ? url : url.slice(0, queryAt);
      const route = findDataRoute(path, queryAt === -1 ? '' : url.slice(queryAt + 1), request.method);
      if (route === undefined) {
        options.control(request, response);
        return;
      }
      openCalls += 1;
      void serve({ request, response, route }, options).then(ended, ended);
    },
  );
  server.on('upgrade', (request, socket) => {
    socket.end(upgradeAnswer);
    request.resume();
  });
  server.on('clientError', (_error, socket) => {
    if (socket.writable)
      socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    else socket.destroy();
  });
  return {
    server,
    openCalls: () => openCalls,
    async idle(graceMs) {
      if (openCalls === 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, graceMs);
      onIdle = resolve;
      await promise;
      clearTimeout(timer);
    },
  };
}

interface Incoming {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: DataRoute;
}

/** The edge of one call: reads it, runs it, and turns whatever was thrown into an answer in the client's protocol. */
async function serve(incoming: Incoming, options: DataServerOptions): Promise<void> {
  const { request, response, route } = incoming;
  const callId = options.newCallId();
  const protocol = options.protocols[route.protocol];
  const sink = createClientSink(response);
  const presence = new Presence();
  sink.onClose(presence.leave);
  const lease: BodyLease = { bytes: 0 };
  try {
    const arrival = await receive(request, route, {
      callId,
      protocol,
      now: options.now,
      maxBodyBytes: options.maxBodyBytes,
      budget: options.budget,
      lease,
    });
    await options.relay(arrival, { sink, presence });
  } catch (cause) {
    const error = cause instanceof RelayError ? cause : new RelayError('internal', {}, cause);
    if (!(cause instanceof RelayError))
      options.observe({ type: 'internal-error', callId, ...placeOf(cause) });
    options.observe({ type: 'call-refused', callId, code: error.code, status: error.entry.status });
    answerFailure({ sink, protocol, callId }, error);
  } finally {
    options.budget.give(lease.bytes);
  }
}

/** Before the head: a real status. After it: the protocol's in-stream error and its end. */
function answerFailure(
  to: { sink: ClientSink; protocol: WireProtocol; callId: CallId },
  error: RelayError,
): void {
  if (to.sink.isClosed) return;
  if (to.sink.hasHead) to.sink.end(to.protocol.encodeStreamError(error, to.callId));
  else answerError(to.sink, to.protocol, { error, callId: to.callId });
}

const upgradeBody = JSON.stringify({
  error: {
    message: 'This address is spoken to by HTTP requests, not by a WebSocket. Send a POST request instead.',
    type: 'invalid_request_error',
    param: null,
    code: 'upgrade_refused',
  },
});
const upgradeAnswer = [
  'HTTP/1.1 426 Upgrade Required',
  'content-type: application/json',
  `content-length: ${Buffer.byteLength(upgradeBody)}`,
  'connection: close',
  '',
  upgradeBody,
].join('\r\n');
