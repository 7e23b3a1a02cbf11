import { addNanoUsd, zeroNanoUsd } from '../domain/money.ts';
import { chargeOf } from './charge.ts';
import type { Draft } from '../domain/draft.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { Usage } from '../domain/usage.ts';
import type { AttemptRecord, CallRecord } from './call-record.ts';
import type { PriceBook } from './price-book.ts';
import type { SettlementPolicy } from './settlement-policy.ts';

/** What the relay knows when a call has ended; the ledger adds the money. */
export interface CallResult extends Omit<CallRecord, 'attempts' | 'priceVersionId' | 'charge' | 'cost'> {
  readonly attempts: readonly Omit<AttemptRecord, 'cost'>[];
}

/** Prices a finished call by the policy: the delivered attempt is charged, each attempt with usage is a cost. Pure. */
export function chargeCall(prices: PriceBook, policy: SettlementPolicy, result: CallResult): CallRecord {
  const rule = policy[result.outcome];
  const delivered =
    result.attempts.findLast(({ result: end }) => end === 'delivered') ?? result.attempts.at(-1);
  const versionOf = (model: string) =>
    prices.find(model, result.startedAt) ?? prices.find(result.offeredModel, result.startedAt);
  const priceOf = (model: string, usage: Usage | undefined): NanoUsd => {
    const version = usage === undefined ? undefined : versionOf(model);
    return usage === undefined || version === undefined
      ? zeroNanoUsd
      : chargeOf(usage, version, result.startedAt).total;
  };
  const isUsageKnown = result.usageSource !== 'none';
  const isCharged = rule.charge === 'usage' && delivered !== undefined && isUsageKnown;
  // Charge and cost of the delivered attempt are the same sum until organizations have plans of their own.
  const deliveredPrice =
    delivered === undefined
      ? zeroNanoUsd
      : priceOf(delivered.upstreamModel, isUsageKnown ? result.usage : delivered.usage);
  const isCosted = rule.cost !== 'nothing';
  const attempts = result.attempts.map((attempt) => {
    const cost = attempt === delivered ? deliveredPrice : priceOf(attempt.upstreamModel, attempt.usage);
    return withCost(attempt, isCosted ? cost : zeroNanoUsd);
  });
  const version = delivered === undefined ? undefined : versionOf(delivered.upstreamModel);
  return recordOf(result, {
    attempts,
    flags: flagsOf(result, rule.flag),
    priceVersionId: version?.id,
    charge: isCharged ? deliveredPrice : zeroNanoUsd,
    cost: attempts.reduce((sum, attempt) => addNanoUsd(sum, attempt.cost), zeroNanoUsd),
  });
}

/** Written out, here and below: these are made for every call, and spreading costs ten times as much. */
function withCost(attempt: CallResult['attempts'][number], cost: NanoUsd): AttemptRecord {
  const record: Draft<AttemptRecord> = {
    accountId: attempt.accountId,
    upstreamModel: attempt.upstreamModel,
    startedAt: attempt.startedAt,
    durationMs: attempt.durationMs,
    result: attempt.result,
    cost,
  };
  if (attempt.upstreamStatus !== undefined) record.upstreamStatus = attempt.upstreamStatus;
  if (attempt.upstreamRequestId !== undefined) record.upstreamRequestId = attempt.upstreamRequestId;
  if (attempt.usage !== undefined) record.usage = attempt.usage;
  return record;
}

type Priced = Pick<CallRecord, 'attempts' | 'flags' | 'charge' | 'cost'> & {
  readonly priceVersionId: string | undefined;
};

function recordOf(result: CallResult, priced: Priced): CallRecord {
  const record: Draft<CallRecord> = {
    callId: result.callId,
    organizationId: result.organizationId,
    keyId: result.keyId,
    startedAt: result.startedAt,
    durationMs: result.durationMs,
    protocol: result.protocol,
    operation: result.operation,
    offeredModel: result.offeredModel,
    isStream: result.isStream,
    outcome: result.outcome,
    status: result.status,
    attempts: priced.attempts,
    usage: result.usage,
    usageSource: result.usageSource,
    flags: priced.flags,
    charge: priced.charge,
    cost: priced.cost,
  };
  if (result.firstByteMs !== undefined) record.firstByteMs = result.firstByteMs;
  if (result.servedModel !== undefined) record.servedModel = result.servedModel;
  if (result.errorCode !== undefined) record.errorCode = result.errorCode;
  if (priced.priceVersionId !== undefined) record.priceVersionId = priced.priceVersionId;
  return record;
}

function flagsOf(result: CallResult, ruled: string | undefined): readonly string[] {
  const isEstimated = result.usageSource === 'estimated';
  if (!isEstimated && ruled === undefined) return result.flags;
  return [
    ...new Set([
      ...result.flags,
      ...(isEstimated ? ['estimated'] : []),
      ...(ruled === undefined ? [] : [ruled]),
    ]),
  ];
}
