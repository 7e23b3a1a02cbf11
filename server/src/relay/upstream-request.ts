import type { UpstreamRequest } from '../platform/upstream-client.ts';
import type { LossList } from '../protocols/canonical/losses.ts';
import type { RequestTarget } from '../protocols/wire-protocol.ts';
import type { CarriedRequest } from '../upstreams/carriage.ts';
import type { Arrival } from './arrival.ts';
import type { CallCandidate } from './connection.ts';

const relayUserAgent = 'qingzhou';

export interface Outgoing {
  readonly target: RequestTarget & { readonly stream: boolean };
  readonly body: readonly Uint8Array[];
  /** Client headers may only travel on to an upstream that speaks the client's protocol. */
  readonly forwardsHeaders: boolean;
  readonly connectTimeoutMs: number;
  /** Gets what the carrier in between cannot carry. */
  readonly losses: LossList;
}

/** Addresses a body to an upstream account: base URL, path, credential, required and allow-listed headers. */
export function upstreamRequestOf(
  candidate: CallCandidate,
  arrival: Arrival,
  outgoing: Outgoing,
): UpstreamRequest {
  const { connection } = candidate.account;
  const { kind } = connection;
  const carriage = kind.carriage?.(candidate.ability.protocol.id, connection.settings);
  const address = kind.address(
    connection.settings,
    candidate.ability.protocol.id,
    candidate.upstreamModel,
    outgoing.target,
  );
  const headers = [
    'content-type',
    'application/json',
    'accept',
    outgoing.target.stream ? (carriage?.stream?.contentType ?? 'text/event-stream') : 'application/json',
    'user-agent',
    relayUserAgent,
    ...address.headers,
  ];
  const forwarded = outgoing.forwardsHeaders ? kind.forwardedHeaders : [];
  for (const name of forwarded) {
    const value = arrival.header(name);
    if (value !== undefined) headers.push(name, value);
  }
  const carried: CarriedRequest = {
    model: candidate.upstreamModel,
    catalogueModel: candidate.ability.catalogueModel,
    target: outgoing.target,
    losses: outgoing.losses,
    isTranslated: !outgoing.forwardsHeaders,
    header: outgoing.forwardsHeaders ? (name) => arrival.header(name) : () => undefined,
  };
  headers.push(...(carriage?.headers?.(carried) ?? []));
  for (let index = 0; index < kind.requiredHeaders.length; index += 2) {
    const name = kind.requiredHeaders[index] ?? '';
    if (!headers.includes(name)) headers.push(name, kind.requiredHeaders[index + 1] ?? '');
  }
  return {
    method: outgoing.target.method ?? 'POST',
    origin: address.origin ?? connection.origin,
    path: address.origin === undefined ? connection.basePath + address.path : address.path,
    headers,
    body: carriage?.wrap === undefined ? outgoing.body : [carriage.wrap(wholeOf(outgoing.body), carried)],
    connectTimeoutMs: outgoing.connectTimeoutMs,
    ...(connection.proxy === undefined ? {} : { proxy: connection.proxy }),
  };
}

function wholeOf(body: readonly Uint8Array[]): Buffer {
  const [only] = body;
  return body.length === 1 && Buffer.isBuffer(only) ? only : Buffer.concat(body);
}
