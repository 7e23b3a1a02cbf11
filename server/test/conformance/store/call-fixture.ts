import { toNanoUsd } from '../../../src/domain/money.ts';
import { noUsage } from '../../../src/domain/usage.ts';
import type { CallId, OrganizationId, RelayKeyId, UpstreamAccountId } from '../../../src/domain/ids.ts';
import type { CallRecord } from '../../../src/ledger/call-record.ts';

export const organizationId = 'org_a' as OrganizationId;
export const otherOrganizationId = 'org_b' as OrganizationId;

/** A plain successful call. */
export function callRecord(callId: string, charge: number, cost = charge): CallRecord {
  const usage = { ...noUsage, input: 100, output: 20 };
  return {
    callId: callId as CallId,
    organizationId,
    keyId: 'key_1' as RelayKeyId,
    startedAt: 1_000,
    durationMs: 12.25,
    protocol: 'openai-chat',
    operation: 'generate',
    offeredModel: 'gpt-4o',
    isStream: false,
    outcome: 'success',
    status: 200,
    attempts: [
      {
        accountId: 'acc_1' as UpstreamAccountId,
        upstreamModel: 'gpt-4o',
        startedAt: 1_001,
        durationMs: 11,
        result: 'delivered',
        upstreamStatus: 200,
        usage,
        cost: toNanoUsd(BigInt(cost)),
      },
    ],
    usage,
    usageSource: 'reported',
    flags: [],
    priceVersionId: 'gpt-4o@1',
    charge: toNanoUsd(BigInt(charge)),
    cost: toNanoUsd(BigInt(cost)),
  };
}
