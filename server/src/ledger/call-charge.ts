import { addNanoUsd, zeroNanoUsd } from '../domain/money.ts';
import { chargeOf } from './charge.ts';
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
  const attempts = result.attempts.map((attempt): AttemptRecord => {
    if (rule.cost === 'nothing') return { cost: zeroNanoUsd, ...attempt };
    const cost = attempt === delivered ? deliveredPrice : priceOf(attempt.upstreamModel, attempt.usage);
    return { cost, ...attempt };
  });
  const version = delivered === undefined ? undefined : versionOf(delivered.upstreamModel);
  const settled = { attempts, flags: flagsOf(result, rule.flag) };
  return {
    charge: isCharged ? deliveredPrice : zeroNanoUsd,
    cost: attempts.reduce((sum, attempt) => addNanoUsd(sum, attempt.cost), zeroNanoUsd),
    ...result,
    ...(version === undefined ? settled : { ...settled, priceVersionId: version.id }),
  };
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
