import type { CallOutcome } from './call-record.ts';

/** Who pays for a call that ended this way. */
export interface SettlementRule {
  /** What the organization is charged: the usage of the delivered attempt, or nothing. */
  readonly charge: 'usage' | 'nothing';
  /** What counts as the operator's cost: every attempt's usage where there is any, or nothing. */
  readonly cost: 'attempts' | 'nothing';
  /** Put on the call so that a reader sees why nothing, or not all, was charged. */
  readonly flag?: string;
}

export type SettlementPolicy = Readonly<Record<CallOutcome, SettlementRule>>;

export interface SettlementChoices {
  /** `free`: a call the upstream broke after the commit point is not charged. */
  readonly upstreamFault: 'charge' | 'free';
}

/** The one table of who pays (docs/policies.md, "Who pays"). Nothing else decides. */
export function createSettlementPolicy(choices: SettlementChoices): SettlementPolicy {
  return {
    success: { charge: 'usage', cost: 'attempts' },
    refused: { charge: 'nothing', cost: 'nothing' },
    failed: { charge: 'nothing', cost: 'attempts' },
    'upstream-fault': {
      charge: choices.upstreamFault === 'free' ? 'nothing' : 'usage',
      cost: 'attempts',
      flag: 'upstream-fault',
    },
    abandoned: { charge: 'nothing', cost: 'nothing', flag: 'abandoned' },
    disconnected: { charge: 'usage', cost: 'attempts', flag: 'disconnected' },
    'hold-exhausted': { charge: 'usage', cost: 'attempts', flag: 'hold-exhausted' },
    'relay-died': { charge: 'nothing', cost: 'nothing', flag: 'usage-unknown' },
  };
}
