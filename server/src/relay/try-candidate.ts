import { RelayError } from '../domain/errors.ts';
import { noUsage } from '../domain/usage.ts';
import type { Ticker } from '../platform/ticker.ts';
import type { UpstreamClient, UpstreamHead } from '../platform/upstream-client.ts';
import type { UnaryReading, WireAnswer } from '../protocols/wire-protocol.ts';
import type { Carriage } from '../upstreams/carriage.ts';
import type { ClientPresence } from './arrival.ts';
import type { CallCandidate } from './connection.ts';
import { headerOf, LiveStream } from './live-stream.ts';
import type { PreparableCall, Prepared } from './prepare.ts';
import type { Timeouts } from './timeouts.ts';
import { exchangeUnary } from './unary-exchange.ts';
import { createUnwrappingPipe } from './unwrapping-pipe.ts';

export interface TryDeps {
  readonly client: UpstreamClient;
  readonly ticker: Ticker;
  readonly timeouts: Timeouts;
  readonly maxAnswerBytes: number;
}

export interface TryScope {
  readonly presence: ClientPresence;
  /** Monotonic ms after which the whole call is over. */
  readonly deadlineMs: number;
}

interface Context {
  readonly deps: TryDeps;
  readonly scope: TryScope;
}

/** An answer that has reached its commit point. */
export type CommittedAnswer =
  | { readonly type: 'stream'; readonly live: LiveStream; readonly contentType: string }
  | {
      readonly type: 'unary';
      readonly head: UpstreamHead;
      readonly contentType: string;
      readonly body: Buffer;
      readonly reading: UnaryReading;
    };

/** A failed attempt: where it stands in the catalogue, and what the upstream itself answered, if it did. */
export class AttemptFailure extends Error {
  readonly error: RelayError;
  readonly upstreamStatus: number | undefined;
  /** The upstream's own answer in the client's protocol; only for failures that end the call. */
  readonly answer: WireAnswer | undefined;

  constructor(error: RelayError, facts: { upstreamStatus?: number; answer?: WireAnswer | undefined } = {}) {
    super(error.message, { cause: error });
    this.name = 'AttemptFailure';
    this.error = error;
    this.upstreamStatus = facts.upstreamStatus;
    this.answer = facts.answer;
  }
}

/** One try of one candidate, up to the commit point. Rejects with `AttemptFailure` or `RelayError`. */
export function tryCandidate(
  call: PreparableCall,
  candidate: CallCandidate,
  prepared: Prepared,
  { deps, scope }: Context,
): Promise<CommittedAnswer> {
  return prepared.delivery === 'unary'
    ? tryUnary(call, candidate, prepared, { deps, scope })
    : tryStream(call, candidate, prepared, { deps, scope });
}

async function tryUnary(
  call: PreparableCall,
  candidate: CallCandidate,
  prepared: Prepared,
  { deps, scope }: Context,
): Promise<CommittedAnswer> {
  const { head, body: received } = await exchangeUnary({
    client: deps.client,
    request: prepared.request,
    presence: scope.presence,
    ticker: deps.ticker,
    timeouts: deps.timeouts,
    deadlineMs: scope.deadlineMs,
    maxBodyBytes: deps.maxAnswerBytes,
  });
  if (head.status < 200 || head.status > 299) throw failureOf({ call, candidate, prepared }, head, received);
  const carriage = carriageOf(candidate);
  const body = carriage?.unwrap?.(received, call.arrival.target) ?? received;
  if (prepared.translateUnary !== undefined) {
    const told = prepared.translateUnary(body);
    if (told !== undefined) return { type: 'unary', head: translatedHead, ...jsonOf(told) };
    throw new AttemptFailure(new RelayError('upstream_protocol'), { upstreamStatus: head.status });
  }
  const reading = call.arrival.protocol.readUnary(body, call.envelope);
  if (reading.failure !== undefined)
    throw new AttemptFailure(reading.failure, { upstreamStatus: head.status });
  if (reading.isEmpty)
    throw new AttemptFailure(new RelayError('upstream_empty'), { upstreamStatus: head.status });
  return {
    type: 'unary',
    head,
    contentType: headerOf(head, 'content-type') || 'application/json',
    body: prepared.rewriteAnswer?.(body) ?? body,
    reading,
  };
}

const translatedHead: UpstreamHead = { status: 200, headers: [] };

/** Only operations that cost nothing are answered whole in another protocol. */
function jsonOf(body: Buffer): { contentType: string; body: Buffer; reading: UnaryReading } {
  const reading = { usage: noUsage, source: 'reported', anomalies: [] } as const;
  return { contentType: 'application/json', body, reading: { isEmpty: false, reading } };
}

async function tryStream(
  call: PreparableCall,
  candidate: CallCandidate,
  prepared: Prepared,
  { deps, scope }: Context,
): Promise<CommittedAnswer> {
  let httpFailure: AttemptFailure | undefined;
  const framing = carriageOf(candidate)?.stream;
  const pipe = prepared.createPipe();
  const live = new LiveStream({
    client: deps.client,
    request: prepared.request,
    pipe: framing === undefined ? pipe : createUnwrappingPipe(pipe, framing.createUnwrapper()),
    ticker: deps.ticker,
    timeouts: deps.timeouts,
    deadlineMs: scope.deadlineMs,
    commitAt: prepared.delivery === 'fold' ? 'end' : 'generated',
    isStreamContentType: (type) => isStreamContentType(type) || type === framing?.contentType,
    readFailure(head, body) {
      httpFailure = failureOf({ call, candidate, prepared }, head, body);
      return httpFailure.error;
    },
  });
  const stopWatching = scope.presence.onGone(() => live.cancel(new RelayError('client_gone')));
  const failure = await live.opened;
  stopWatching();
  if (failure !== undefined) {
    throw (
      httpFailure ??
      new AttemptFailure(failure, live.head === undefined ? {} : { upstreamStatus: live.head.status })
    );
  }
  return {
    type: 'stream',
    live,
    // Unwrapped frames are the protocol's own, whatever the carrier called its stream.
    contentType: framing === undefined ? headerOf(live.head ?? noHead, 'content-type') : '',
  };
}

const noHead: UpstreamHead = { status: 200, headers: [] };

/** Server-sent events or a streamed JSON array; what is in it is for the pipe to judge. A missing type is forgiven. */
function isStreamContentType(contentType: string): boolean {
  return /^(?:$|text\/event-stream|application\/json)/.test(contentType);
}

interface Tried {
  readonly call: PreparableCall;
  readonly candidate: CallCandidate;
  readonly prepared: Prepared;
}

function carriageOf({ account, ability }: CallCandidate): Carriage | undefined {
  const { kind, settings } = account.connection;
  return kind.carriage?.(ability.protocol.id, settings);
}

function failureOf({ call, candidate, prepared }: Tried, head: UpstreamHead, body: Buffer): AttemptFailure {
  // What is gone at the one account that kept it says nothing about the account or its models.
  if (call.envelope.operation === 'stored' && head.status === 404) {
    return new AttemptFailure(new RelayError('response_not_found'), { upstreamStatus: head.status });
  }
  const { protocol } = candidate.ability;
  const carriage = carriageOf(candidate);
  const failure =
    carriage?.readFailure?.(head.status, head.headers, body) ??
    protocol.readFailure(head.status, head.headers, body);
  const isOwnProtocol = candidate.ability.mode === 'passthrough' && failure.body !== undefined;
  return new AttemptFailure(failure.error, {
    upstreamStatus: head.status,
    answer: isOwnProtocol
      ? {
          status: head.status,
          contentType: headerOf(head, 'content-type') || 'application/json',
          body: prepared.rewriteAnswer?.(failure.body ?? body) ?? failure.body ?? body,
        }
      : undefined,
  });
}
