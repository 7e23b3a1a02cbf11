import { promptTokens } from '../domain/usage.ts';
import type { CallRecord } from '../ledger/call-record.ts';
import type { Observe } from '../observe/observation.ts';

/** Stage 11: tells everybody who watches that a call has ended. */
export function record(observe: Observe, call: CallRecord): void {
  observe({
    type: 'call-finished',
    callId: call.callId,
    organizationId: call.organizationId,
    keyId: call.keyId,
    protocol: call.protocol,
    operation: call.operation,
    outcome: call.outcome,
    status: call.status,
    durationMs: call.durationMs,
    attempts: call.attempts.length,
    promptTokens: promptTokens(call.usage),
    outputTokens: call.usage.output,
    chargeNanoUsd: call.charge,
    ...(call.firstByteMs === undefined ? {} : { firstByteMs: call.firstByteMs }),
  });
}
