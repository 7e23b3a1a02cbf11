import type { ModelFacts } from '../domain/catalogue.ts';
import type { UsageReading } from '../domain/usage.ts';
import { estimateCall, outputAmount, type EstimateBasis } from '../ledger/estimate.ts';
import { hold, type Hold } from '../ledger/hold.ts';
import type { OutputLearner } from '../ledger/output-learner.ts';
import type { Wallets } from '../ledger/wallets.ts';
import type { Principal } from '../access/principal.ts';
import type { Envelope } from '../protocols/wire-protocol.ts';
import type { Arrival } from './arrival.ts';
import type { CallCandidate } from './connection.ts';

export interface HoldDeps {
  readonly wallets: Wallets;
  readonly learner: OutputLearner;
  factsOf(model: string): ModelFacts | undefined;
}

export interface HoldContext {
  readonly arrival: Arrival;
  readonly envelope: Envelope;
  readonly principal: Principal;
  readonly candidates: readonly CallCandidate[];
}

/** A hold that can grow with the answer it pays for. */
export interface GrowingHold {
  readonly hold: Hold;
  /** Makes the hold cover what has been read and a step more; false when the wallet cannot. */
  readonly covers: (reading: UsageReading) => boolean;
}

/** Output tokens reserved ahead of what has been delivered. */
const aheadTokens = 1_024;

/** Stage 6: reserves what the dearest candidate may cost. Throws `insufficient_balance`. */
export function holdFor(deps: HoldDeps, context: HoldContext): GrowingHold {
  const { arrival, envelope, principal } = context;
  const expectedOutput = deps.learner.expect(principal.organizationId, envelope.model);
  let dearest: { basis: EstimateBasis; outputTokens: number; amount: bigint } | undefined;
  for (const candidate of context.candidates) {
    const basis: EstimateBasis = {
      version: candidate.ability.price === 'free' ? undefined : candidate.ability.price,
      facts: deps.factsOf(candidate.upstreamModel),
      at: arrival.receivedAt,
      envelope,
      expectedOutput,
    };
    const estimate = estimateCall(basis);
    if (dearest === undefined || estimate.amount > dearest.amount) dearest = { basis, ...estimate };
  }
  if (dearest === undefined) throw new Error('A plan has at least one candidate.');
  const { basis, outputTokens, amount } = dearest;
  const taken = hold(deps.wallets, { principal, estimate: amount as Hold['amount'], callId: arrival.callId });
  let coveredTokens = outputTokens;
  return {
    hold: taken,
    covers(reading) {
      const wanted = reading.usage.output + aheadTokens;
      if (wanted <= coveredTokens) return true;
      const step = wanted - coveredTokens + aheadTokens;
      if (!taken.extend(outputAmount(basis, step))) return false;
      coveredTokens += step;
      return true;
    },
  };
}
