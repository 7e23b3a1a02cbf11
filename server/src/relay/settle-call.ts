import { performance } from 'node:perf_hooks';
import type { Principal } from '../access/principal.ts';
import type { AttemptRecord, CallRecord } from '../ledger/call-record.ts';
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
  const traces = delivered === undefined ? delivery.traces : [...delivery.traces, delivered];
  return {
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
    flags: measured.anomalies.concat(delivery.warnings),
    ...(delivery.firstByteMs === undefined ? {} : { firstByteMs: delivery.firstByteMs }),
    ...(delivery.servedModel === undefined ? {} : { servedModel: delivery.servedModel }),
    ...(delivery.error === undefined ? {} : { errorCode: delivery.error.code }),
  };
}

function attemptOf(trace: AttemptTrace): Omit<AttemptRecord, 'cost'> {
  return {
    accountId: trace.candidate.account.record.id,
    upstreamModel: trace.candidate.upstreamModel,
    startedAt: trace.startedAt,
    durationMs: trace.durationMs,
    result: trace.result,
    ...(trace.upstreamStatus === undefined ? {} : { upstreamStatus: trace.upstreamStatus }),
    ...(trace.upstreamRequestId === undefined ? {} : { upstreamRequestId: trace.upstreamRequestId }),
  };
}
