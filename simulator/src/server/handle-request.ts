import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Engine } from '../engine/index.ts';
import type { SimulatedWire } from '../engine/exchange.ts';
import { hashOf } from '../engine/seeded-random.ts';
import type { FaultBook } from '../faults/index.ts';
import { effectsOf } from '../faults/index.ts';
import type { Identity } from '../identity/index.ts';
import { refusalOf } from '../providers/provider.ts';
import type { RecordingIndex } from '../recordings/index.ts';
import { sendRecording } from '../recordings/index.ts';
import { wires } from '../wires/index.ts';
import type { Accounts, KnownAccount } from './accounts.ts';
import { createChannel } from './channel.ts';
import type { ResponseChannel } from './channel.ts';
import { createExchange } from './http-exchange.ts';
import type { Arrival } from './http-exchange.ts';
import { entryOf } from './request-log.ts';
import type { RequestEntry, RequestLog } from './request-log.ts';

/** Everything one simulator is made of; built once in `simulator.ts`. */
export interface World {
  readonly seed: string;
  readonly now: () => number;
  readonly paceMs: number;
  readonly engine: Engine;
  readonly identity: Identity;
  readonly deployments: Readonly<Record<string, string>>;
  readonly accounts: Accounts;
  readonly faults: FaultBook;
  readonly log: RequestLog;
  readonly recordings: RecordingIndex | undefined;
  readonly streams: { open: number };
  readonly refuseConnections: (ms: number) => void;
  nextRequestNumber(): number;
}

interface Parts {
  readonly arrival: Arrival;
  readonly requestId: string;
  readonly channel: ResponseChannel;
  readonly entry: RequestEntry;
}

const MAX_BODY_BYTES = 32 * 1024 * 1024;

export async function handleRequest(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  const url = new URL(request.url ?? '/', 'http://simulator');
  const headers = flattenHeaders(request);
  const arrival = {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers,
    bodyText: body.text,
  };
  const requestId = `req_${hashOf(world.seed, String(world.nextRequestNumber())).slice(0, 24)}`;
  const entry = entryOf({ id: requestId, atMs: world.now(), ...pick(arrival) });
  world.log.add(entry);
  const wire = wires.find((wire) => wire.matches(arrival.method, arrival.path, headers, url.searchParams));
  let account: KnownAccount | undefined;
  const channel = createChannel({
    response,
    refuseConnections: world.refuseConnections,
    onReset: () => {
      entry.outcome = 'cut';
    },
    commonHeaders: () => ({
      ...wire?.provider.commonHeaders(requestId),
      ...(account === undefined ? {} : wire?.provider.limitHeaders(account.limits.states(), world.now())),
    }),
  });
  if (response.closed) closeEntry(world, entry, response);
  else response.once('close', () => closeEntry(world, entry, response));

  const parts = { arrival, requestId, channel, entry };
  const recording = await world.recordings?.find({
    method: arrival.method,
    url: request.url ?? '/',
    bodyText: arrival.bodyText,
    id: headers['x-simulate-recording'],
  });
  if (recording !== undefined && headers['x-simulate-fault'] === undefined) {
    entry.recording = recording.id;
    return sendRecording(recording, response);
  }
  if (wire === undefined) return refuseUnknownUrl(parts);
  entry.wire = wire.id;
  if (body.isTooLarge) return channel.refuse(refusalOf(wire.provider, { status: 413, requestId }));
  const identified = world.accounts.identify(wire.provider, arrival, requestId);
  if ('body' in identified) return channel.refuse(identified);
  account = identified;
  entry.account = account.label;
  return serve(world, { ...parts, wire, account });
}

async function serve(
  world: World,
  parts: Parts & { wire: SimulatedWire; account: KnownAccount },
): Promise<void> {
  const { arrival, requestId, channel, entry, wire, account } = parts;
  const { provider } = wire;
  const header = arrival.headers['x-simulate-fault'];
  const fault = world.faults.choose({ header, bodyText: arrival.bodyText, account });
  if (fault !== undefined) entry.fault = fault.name;
  const admission = account.limits.admit();
  if (!admission.isAdmitted) {
    const { retryAfterS, dimension } = admission;
    const message = `This request would exceed the limit of ${dimension} per minute. Please try again in ${retryAfterS}s.`;
    return channel.refuse(refusalOf(provider, { status: 429, requestId, retryAfterS, message }));
  }
  const effects = effectsOf(fault, { provider, requestId });
  if ((await effects.beforeHeaders?.(channel)) === 'done') return undefined;
  const countStream = (change: 1 | -1): void => {
    world.streams.open += change;
  };
  const { engine, identity, deployments, paceMs, now } = world;
  return wire.handle(
    createExchange({ ...parts, engine, identity, deployments, effects, paceMs, now, countStream }),
  );
}

function refuseUnknownUrl({ arrival, channel }: Parts): Promise<void> {
  const message = `Unknown request URL: ${arrival.method} ${arrival.path}.`;
  const error = { message, type: 'invalid_request_error', param: null, code: 'unknown_url' };
  return channel.refuse({ status: 404, headers: {}, body: { error } });
}

function closeEntry(world: World, entry: RequestEntry, response: ServerResponse): void {
  if (response.headersSent) entry.status = response.statusCode;
  entry.closedAtMs = world.now();
  if (entry.outcome === 'open') entry.outcome = response.writableFinished ? 'finished' : 'aborted';
}

function pick(arrival: Arrival): Pick<Arrival, 'method' | 'path' | 'headers' | 'bodyText'> {
  const { method, path, headers, bodyText } = arrival;
  return { method, path, headers, bodyText };
}

async function readBody(request: IncomingMessage): Promise<{ text: string; isTooLarge: boolean }> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length <= MAX_BODY_BYTES) parts.push(part);
  }
  return { text: Buffer.concat(parts).toString('utf8'), isTooLarge: length > MAX_BODY_BYTES };
}

function flattenHeaders(request: IncomingMessage): Record<string, string | undefined> {
  const entries = Object.entries(request.headers);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}
