import { performance } from 'node:perf_hooks';
import type { Principal } from '../access/principal.ts';
import type { Draft } from '../domain/draft.ts';
import type { CallRecord } from '../ledger/call-record.ts';
import type { CallResult } from '../ledger/call-charge.ts';
import type { Hold } from '../ledger/hold.ts';
import { settle, type Settler } from '../ledger/settle.ts';
import type { Envelope } from '../protocols/wire-protocol.ts';
import type { Arrival } from './arrival.ts';
import type { AttemptTrace } from './attempt.ts';
import type { Delivery } from './deliver.ts';
import type { Measured } from './measure.ts';

export interface SettleContext {
  readonly arrival: Arrival;
  readonly envelope: Envelope;
  readonly principal: Principal;
  readonly delivery: Delivery;
  readonly measured: Measured;
}

/** Stage 10: books the call. Resolves when it is durable; never rejects. */
export function settleCall(settler: Settler, hold: Hold, context: SettleContext): Promise<CallRecord> {
  return settle(settler, hold, resultOf(context));
}

function resultOf({ arrival, envelope, principal, delivery, measured }: SettleContext): CallResult {
  const { delivered } = delivery;
  const traces = joined(delivery.traces, delivered === undefined ? [] : [delivered]);
  const result: Draft<CallResult> = {
    callId: arrival.callId,
    organizationId: principal.organizationId,
    keyId: principal.keyId,
    startedAt: arrival.receivedAt,
    durationMs: Math.round(performance.now() - arrival.startedMs),
    protocol: arrival.protocol.id,
    operation: arrival.target.operation,
    offeredModel: envelope.model,
    isStream: envelope.stream,
    outcome: delivery.outcome,
    status: delivery.status,
    attempts: traces.map(attemptOf),
    usage: measured.usage,
    usageSource: measured.source,
    flags: joined(measured.anomalies, delivery.warnings),
  };
  if (delivery.firstByteMs !== undefined) result.firstByteMs = delivery.firstByteMs;
  if (delivery.servedModel !== undefined) result.servedModel = delivery.servedModel;
  if (delivery.error !== undefined) result.errorCode = delivery.error.code;
  return result;
}

function attemptOf(trace: AttemptTrace): CallResult['attempts'][number] {
  const attempt: Draft<CallResult['attempts'][number]> = {
    accountId: trace.candidate.account.record.id,
    upstreamModel: trace.candidate.upstreamModel,
    startedAt: trace.startedAt,
    durationMs: trace.durationMs,
    result: trace.result,
  };
  if (trace.upstreamStatus !== undefined) attempt.upstreamStatus = trace.upstreamStatus;
  if (trace.upstreamRequestId !== undefined) attempt.upstreamRequestId = trace.upstreamRequestId;
  return attempt;
}

/** One of two lists nearly always is empty. */
function joined<Item>(first: readonly Item[], second: readonly Item[]): readonly Item[] {
  if (second.length === 0) return first;
  return first.length === 0 ? second : [...first, ...second];
}
