import { performance } from 'node:perf_hooks';
import type { UsageReading } from '../domain/usage.ts';
import type { OutputLearner } from '../ledger/output-learner.ts';
import type { Principal } from '../access/principal.ts';
import type { Ticker } from '../platform/ticker.ts';
import type { UpstreamClient } from '../platform/upstream-client.ts';
import { createLossList } from '../protocols/canonical/losses.ts';
import type { Envelope, LaterReading } from '../protocols/wire-protocol.ts';
import { Presence, type Arrival } from './arrival.ts';
import type { CallCandidate } from './connection.ts';
import type { Delivery } from './deliver.ts';
import type { Timeouts } from './timeouts.ts';
import { exchangeUnary } from './unary-exchange.ts';
import { upstreamRequestOf } from './upstream-request.ts';

/** Ends all following when the relay stops: what is followed gets one last look. */
export type Stopping = Pick<Presence, 'isGone' | 'onGone'>;

export interface FollowDeps {
  readonly client: UpstreamClient;
  readonly ticker: Ticker;
  readonly timeouts: Timeouts;
  readonly maxAnswerBytes: number;
  readonly learner: OutputLearner;
  readonly stopping: Stopping;
}

export interface FollowedCall {
  readonly arrival: Arrival;
  readonly envelope: Envelope;
  readonly principal: Principal;
}

/** Put on a call that was settled before its answer was known to be over. */
const unfinishedFlag = 'background-unfinished';
/** Looks begin this soon after the answer, and grow further apart by half each time. */
const firstLookMs = 500;
const growth = 1.5;
const longestPauseMs = 15_000;
/** How long one look may take; the last one, when the relay stops, less. */
const lookMs = 30_000;
const lastLookMs = 2_000;

/**
 * An answer that goes on being made after its call is charged for what it used, so the call stays open, its hold with
 * it, until the upstream says that the answer is over. Without that word by the end of the call's time, or when the relay
 * stops, the call is settled by an estimate. Returns the delivery with what was learned; never rejects.
 */
export async function followBackground(
  deps: FollowDeps,
  call: FollowedCall,
  delivery: Delivery,
): Promise<Delivery> {
  const { goesOnAs, delivered } = delivery;
  if (goesOnAs === undefined || delivered === undefined) return delivery;
  const deadlineMs = call.arrival.startedMs + deps.timeouts.totalMs;
  const look = lookerAt(deps, call, { candidate: delivered.candidate, id: goesOnAs });
  let pauseMs = firstLookMs;
  for (;;) {
    const leftMs = Math.max(0, deadlineMs - performance.now());
    const isStopping = !(await hasWaited(deps, Math.min(pauseMs, leftMs)));
    const isLast = isStopping || performance.now() >= deadlineMs;
    const seen = await look(performance.now() + (isLast ? lastLookMs : lookMs));
    if (seen === 'gone') return unfinished(deps, call, delivery);
    if (seen?.isOver === true) return finished(delivery, seen);
    if (isLast) return unfinished(deps, call, delivery);
    pauseMs = Math.min(pauseMs * growth, longestPauseMs);
  }
}

async function hasWaited({ ticker, stopping }: FollowDeps, ms: number): Promise<boolean> {
  return !stopping.isGone && (await ticker.sleep(ms, stopping.onGone));
}

type Look = (deadlineMs: number) => Promise<LaterReading | 'gone' | undefined>;

/** Asks the account that makes the answer how it stands. `undefined` when it does not say. */
function lookerAt(
  deps: FollowDeps,
  { arrival, envelope }: FollowedCall,
  at: { readonly candidate: CallCandidate; readonly id: string },
): Look {
  const request = upstreamRequestOf(at.candidate, arrival, {
    target: { operation: 'stored', method: 'GET', resource: at.id, query: '', stream: false },
    body: [],
    forwardsHeaders: true,
    connectTimeoutMs: deps.timeouts.connectMs,
    losses: createLossList(),
  });
  const { authorizer } = at.candidate.account.connection;
  // Who asked may be gone; the answer is followed all the same.
  const presence = new Presence();
  return async (deadlineMs) => {
    try {
      const headers = (await authorizer?.headersFor(request)) ?? [];
      const { head, body } = await exchangeUnary({
        client: deps.client,
        request: { ...request, headers: [...request.headers, ...headers] },
        presence,
        ticker: deps.ticker,
        timeouts: deps.timeouts,
        deadlineMs,
        maxBodyBytes: deps.maxAnswerBytes,
      });
      if (head.status === 404) return 'gone';
      if (head.status === 401) authorizer?.renew?.(headers);
      return head.status === 200 ? arrival.protocol.readLater?.(body, envelope) : undefined;
    } catch {
      // A fault of one look says nothing about the answer; the next one may see it.
      return undefined;
    }
  };
}

function finished(delivery: Delivery, seen: LaterReading): Delivery {
  const isFailed = seen.isFailed && delivery.outcome === 'success';
  return {
    ...delivery,
    reading: seen.reading,
    ...(isFailed ? { outcome: 'upstream-fault' as const } : {}),
    ...(seen.servedModel === undefined ? {} : { servedModel: seen.servedModel }),
  };
}

/** Nothing is known but what answers of this model usually take, which the request may have limited. */
function unfinished(deps: FollowDeps, call: FollowedCall, delivery: Delivery): Delivery {
  const { reading } = delivery;
  if (reading === undefined || reading.source === 'reported') return delivery;
  const { principal, envelope } = call;
  const usual = deps.learner.expect(principal.organizationId, envelope.model);
  const output = Math.max(reading.usage.output, Math.min(usual, envelope.maxOutputTokens ?? usual));
  const estimated: UsageReading = {
    usage: { ...reading.usage, output },
    source: 'estimated',
    anomalies: [...reading.anomalies, unfinishedFlag],
  };
  return { ...delivery, reading: estimated };
}
