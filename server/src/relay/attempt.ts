import { performance } from 'node:perf_hooks';
import { errorCatalogue, RelayError } from '../domain/errors.ts';
import type { EpochMs, Now } from '../domain/time.ts';
import type { WireAnswer } from '../protocols/wire-protocol.ts';
import type { AccountHealth, CooldownNotice } from '../routing/health.ts';
import type { CallCandidate } from './connection.ts';
import { headerOf } from './live-stream.ts';
import { prepare, type PreparableCall, type Prepared } from './prepare.ts';
import { tryAuthorized } from './try-authorized.ts';
import { AttemptFailure, type CommittedAnswer, type TryDeps, type TryScope } from './try-candidate.ts';

/** What is known of one try; cost and usage are added when the call is settled. */
export interface AttemptTrace {
  readonly candidate: CallCandidate;
  readonly startedAt: EpochMs;
  readonly durationMs: number;
  /** `delivered`, or the error code. */
  readonly result: string;
  readonly upstreamStatus?: number;
  readonly upstreamRequestId?: string;
}

export type AttemptOutcome =
  | {
      readonly type: 'committed';
      readonly candidate: CallCandidate;
      readonly prepared: Prepared;
      readonly answer: CommittedAnswer;
      /** Failed tries before this one. */
      readonly traces: readonly AttemptTrace[];
      readonly startedAt: EpochMs;
      readonly startedMs: number;
    }
  | {
      /** The relay knows the answer by itself. */
      readonly type: 'answered';
      readonly answer: WireAnswer;
      readonly warnings: readonly string[];
      /** Failed tries before it. */
      readonly traces: readonly AttemptTrace[];
    }
  | {
      readonly type: 'failed';
      readonly error: RelayError;
      /** The upstream's own answer, where the client may see it as it is. */
      readonly answer: WireAnswer | undefined;
      readonly traces: readonly AttemptTrace[];
    };

/** What the loop needs of the process; the rest is the call's own. */
export interface AttemptDeps extends TryDeps {
  readonly now: Now;
  readonly health: AccountHealth;
  readonly maxAttempts: number;
  readonly waitLimitMs: number;
}

/** One call as the loop sees it. */
export interface AttemptScope extends TryScope {
  /** The caller wants the first account's answer, whatever it is. */
  readonly isFallbackOff: boolean;
  onFailure(candidate: CallCandidate, error: RelayError, cooldown: CooldownNotice | undefined): void;
}

interface Context {
  readonly deps: AttemptDeps;
  readonly scope: AttemptScope;
}

/** Tries candidates in order until one commits, a failure ends the call, or none is left. */
export async function attempt(
  call: PreparableCall,
  candidates: readonly CallCandidate[],
  { deps, scope }: Context,
): Promise<AttemptOutcome> {
  const context = { deps, scope };
  const traces: AttemptTrace[] = [];
  const left = [...candidates];
  let last: AttemptFailure | undefined;
  const maxAttempts = scope.isFallbackOff ? 1 : deps.maxAttempts;
  while (traces.length < maxAttempts) {
    const candidate = left.shift() ?? soonestLimited(candidates, last, deps);
    if (candidate === undefined || scope.presence.isGone || performance.now() > scope.deadlineMs) break;
    const waitMs = candidate.availableAt - deps.now();
    if (waitMs > 0 && !(await hasWaited(waitMs, last, context))) break;
    const startedAt = deps.now();
    const startedMs = performance.now();
    deps.health.begin(candidate.account.record.id);
    try {
      const prepared = prepare(call, candidate);
      const answer = await tryAuthorized(call, candidate, prepared, context);
      deps.health.succeeded(candidate.account.record.id);
      return { type: 'committed', candidate, prepared, answer, traces, startedAt, startedMs };
    } catch (cause) {
      deps.health.finish(candidate.account.record.id);
      last = asFailure(cause);
      traces.push(traceOf({ candidate, startedAt, startedMs }, last));
      reportFailure(candidate, last.error, context);
      if (errorCatalogue[last.error.code].disposition === 'stop') break;
    }
  }
  return { type: 'failed', ...lastWord(last, candidates, context), traces };
}

/** All were asked and the last word was "limited": a limit that lifts within the wait limit is worth waiting for. */
function soonestLimited(
  candidates: readonly CallCandidate[],
  last: AttemptFailure | undefined,
  deps: AttemptDeps,
): CallCandidate | undefined {
  if (last?.error.code !== 'upstream_rate_limited') return undefined;
  const latest = deps.now() + deps.waitLimitMs;
  const waiting = candidates
    .map((candidate) => ({
      ...candidate,
      availableAt: deps.health.availableAt(candidate.account.record.id, candidate.upstreamModel),
    }))
    .filter(({ availableAt }) => availableAt <= latest);
  return waiting.sort((left, right) => left.availableAt - right.availableAt)[0];
}

/** Waits for a cooling account. False when the client left or the call's time is over. */
async function hasWaited(
  waitMs: number,
  last: AttemptFailure | undefined,
  { deps, scope }: Context,
): Promise<boolean> {
  // A failure in hand is a better answer than a wait that would pass the call's deadline.
  if (last !== undefined && performance.now() + waitMs > scope.deadlineMs) return false;
  return deps.ticker.sleep(waitMs, scope.presence.onGone);
}

function reportFailure(candidate: CallCandidate, error: RelayError, { deps, scope }: Context): void {
  if (error.code === 'client_gone') return;
  const cooldown = deps.health.failed({
    accountId: candidate.account.record.id,
    model: candidate.upstreamModel,
    effect: errorCatalogue[error.code].effect,
    retryAfterMs: error.details.retryAfterMs,
    now: deps.now(),
  });
  scope.onFailure(candidate, error, cooldown);
}

/** What the client is told when nothing is left: the last failure, with the soonest time at which waiting helps. */
function lastWord(
  last: AttemptFailure | undefined,
  candidates: readonly CallCandidate[],
  { deps, scope }: Context,
): { error: RelayError; answer: WireAnswer | undefined } {
  if (scope.presence.isGone) return { error: new RelayError('client_gone'), answer: undefined };
  if (last === undefined) return { error: new RelayError('deadline_exceeded'), answer: undefined };
  if (last.error.code !== 'upstream_rate_limited') return { error: last.error, answer: last.answer };
  const now = deps.now();
  const soonest = Math.min(
    ...candidates.map(({ account, upstreamModel }) =>
      deps.health.availableAt(account.record.id, upstreamModel),
    ),
  );
  const retryAfterMs = Math.max(soonest - now, 0);
  return {
    error: new RelayError('upstream_rate_limited', { ...last.error.details, retryAfterMs }, last.error),
    answer: undefined,
  };
}

function asFailure(cause: unknown): AttemptFailure {
  if (cause instanceof AttemptFailure) return cause;
  if (cause instanceof RelayError) return new AttemptFailure(cause);
  return new AttemptFailure(new RelayError('internal', {}, cause));
}

function traceOf(
  tried: { candidate: CallCandidate; startedAt: EpochMs; startedMs: number },
  failure: AttemptFailure,
): AttemptTrace {
  return {
    candidate: tried.candidate,
    startedAt: tried.startedAt,
    durationMs: Math.round(performance.now() - tried.startedMs),
    result: failure.error.code,
    ...(failure.upstreamStatus === undefined ? {} : { upstreamStatus: failure.upstreamStatus }),
  };
}

/** The trace of the attempt that was delivered. */
export function deliveredTrace(
  outcome: Extract<AttemptOutcome, { type: 'committed' }>,
  result: string,
): AttemptTrace {
  const head = outcome.answer.type === 'stream' ? outcome.answer.live.head : outcome.answer.head;
  const requestId = head === undefined ? '' : headerOf(head, 'request-id') || headerOf(head, 'x-request-id');
  return {
    candidate: outcome.candidate,
    startedAt: outcome.startedAt,
    durationMs: Math.round(performance.now() - outcome.startedMs),
    result,
    ...(head === undefined ? {} : { upstreamStatus: head.status }),
    ...(requestId === '' ? {} : { upstreamRequestId: requestId.slice(0, 200) }),
  };
}
