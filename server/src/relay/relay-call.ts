/**
 * Relay: the data plane, one call from bytes in to bytes out. Knows the stages and their order; knows no web framework, no
 * SQL and no provider. Begin at `relayCall`.
 */
import { admit } from '../access/admit.ts';
import { identify } from '../access/identify.ts';
import { promptTokens } from '../domain/usage.ts';
import { defined } from '../protocols/canonical/read-json.ts';
import type { ClientSink } from '../platform/client-sink.ts';
import type { AttemptScope } from './attempt.ts';
import { attemptOrCount } from './answer-count.ts';
import type { Arrival, ClientPresence } from './arrival.ts';
import { deliver } from './deliver.ts';
import { followBackground } from './follow-background.ts';
import { holdFor } from './hold-for.ts';
import { keptIdsFor } from './kept-ids.ts';
import { measure } from './measure.ts';
import { planFor } from './plan-for.ts';
import { preparableCall } from './prepare.ts';
import { record } from './record.ts';
import { refer } from './refer.ts';
import type { RelayDeps } from './relay-deps.ts';
import { Releases } from './releases.ts';
import { sealsFor } from './seals-for.ts';
import { settleCall } from './settle-call.ts';

/**
 * Stages 2 to 11 of one call; stage 1 is `http/receive.ts`. Resolves when the last byte is handed to the client's socket.
 * Throws `RelayError` for everything that ends the call before an upstream was asked.
 */
export async function relayCall(
  deps: RelayDeps,
  arrival: Arrival,
  client: { readonly sink: ClientSink; readonly presence: ClientPresence },
): Promise<void> {
  const { sink, presence } = client;
  const principal = identify(deps.keys, {
    key: arrival.presentedKey,
    address: arrival.address,
    now: arrival.receivedAt,
  });
  const keptIds = keptIdsFor(deps.envelopes, principal.organizationId);
  const inspected = arrival.protocol.inspect(arrival.body, arrival.target);
  const referred = refer(inspected, keptIds, deps.table());
  const { envelope, kept } = referred;
  const taken = new Releases();
  try {
    const permit = admit(deps.limiter, principal, {
      // Counting uses none.
      tokens: envelope.operation === 'count-tokens' ? 0 : envelope.inputEstimate,
      model: envelope.model,
      now: arrival.receivedAt,
    });
    taken.defer(permit.release);
    const { candidates } = planFor(deps, arrival, referred);
    const growing = holdFor(deps, { arrival, envelope, principal, candidates });
    taken.defer(() => void growing.hold.release());
    taken.defer(deps.longCalls.begin(arrival, principal.organizationId));
    const call = preparableCall(arrival, envelope, {
      connectTimeoutMs: deps.timeouts.connectMs,
      isStrict: principal.isStrict,
      seals: sealsFor(deps.envelopes, principal.organizationId),
      keptIds,
      hasOtherKeepers: deps.table().match(envelope.model).length > 1,
      factsOf: deps.factsOf,
      ...defined({ kept }),
      ...(growing.loweredOutput === undefined ? {} : { loweredOutput: growing.loweredOutput }),
    });
    const outcome = await attemptOrCount(call, candidates, { deps, scope: scopeOf(deps, arrival, presence) });
    if (outcome.type === 'committed')
      taken.defer(() => deps.health.finish(outcome.candidate.account.record.id));
    const delivery = await deliver(deps, outcome, {
      arrival,
      envelope,
      sink,
      presence,
      coversMore: growing.covers,
      ...(permit.limits === undefined ? {} : { limits: permit.limits }),
    });
    const isFollowed = delivery.goesOnAs !== undefined;
    if (isFollowed) delivery.finish();
    const told = isFollowed
      ? await followBackground(deps, { arrival, envelope, principal }, delivery)
      : delivery;
    const settled = await settleCall(deps.settler, growing.hold, {
      arrival,
      envelope,
      principal,
      measured: measure(told),
      delivery: told,
    });
    permit.settle(promptTokens(settled.usage) + settled.usage.output, deps.now());
    if (!isFollowed) delivery.finish(settled);
    // What was estimated from experience is none.
    if (!isFollowed || settled.usageSource === 'reported') {
      deps.learner.observe(principal.organizationId, envelope.model, settled.usage.output);
    }
    record(deps.observe, settled);
  } finally {
    taken.releaseAll();
  }
}

function scopeOf(deps: RelayDeps, arrival: Arrival, presence: ClientPresence): AttemptScope {
  return {
    presence,
    isFallbackOff: /(?:^|;)\s*fallback\s*=\s*off\s*(?:;|$)/.test(arrival.header('x-relay-route') ?? ''),
    deadlineMs: arrival.startedMs + deps.timeouts.totalMs,
    onFailure(candidate, error, cooldown) {
      const accountId = candidate.account.record.id;
      const { upstreamStatus } = error.details;
      deps.observe({
        type: 'attempt-failed',
        callId: arrival.callId,
        accountId,
        code: error.code,
        ...(upstreamStatus === undefined ? {} : { upstreamStatus }),
      });
      if (cooldown === undefined) return;
      const forMs = cooldown.untilMs - deps.now();
      deps.observe({
        type: 'account-out',
        accountId,
        code: error.code,
        ...(Number.isFinite(forMs) ? { forMs } : {}),
      });
    },
  };
}
