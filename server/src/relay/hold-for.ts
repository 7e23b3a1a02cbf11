import type { ModelFacts } from '../domain/catalogue.ts';
import type { UsageReading } from '../domain/usage.ts';
import { estimateCall, outputAmount, type EstimateBasis } from '../ledger/estimate.ts';
import { holdCall, type HeldCall } from '../ledger/hold-call.ts';
import type { Hold } from '../ledger/hold.ts';
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
  /** The output limit to send upstream instead of the call's own, because the wallet covers no more. */
  readonly loweredOutput?: number;
  /** Makes the hold cover what has been read and a step more; false when the wallet cannot. */
  readonly covers: (reading: UsageReading) => boolean;
}

/** Output tokens reserved ahead of what has been delivered. */
const aheadTokens = 1_024;

/** Stage 6: reserves what the dearest candidate may cost. Throws `insufficient_balance`. */
export function holdFor(deps: HoldDeps, context: HoldContext): GrowingHold {
  const { arrival, envelope, principal } = context;
  const expectedOutput = deps.learner.expect(principal.organizationId, envelope.model);
  let basis: EstimateBasis | undefined;
  let amount = -1n;
  for (const candidate of context.candidates) {
    const candidateBasis: EstimateBasis = {
      version: candidate.ability.price === 'free' ? undefined : candidate.ability.price,
      facts: deps.factsOf(candidate.ability.catalogueModel),
      at: arrival.receivedAt,
      envelope,
      expectedOutput,
    };
    const estimate = context.candidates.length === 1 ? 0n : estimateCall(candidateBasis).amount;
    if (estimate <= amount) continue;
    amount = estimate;
    basis = candidateBasis;
  }
  if (basis === undefined) throw new Error('A plan has at least one candidate.');
  return growingHold(holdCall(deps.wallets, { principal, callId: arrival.callId, basis }), basis);
}

function growingHold({ hold, estimate, loweredOutput }: HeldCall, basis: EstimateBasis): GrowingHold {
  let coveredTokens = estimate.outputTokens;
  return {
    hold,
    ...(loweredOutput === undefined ? {} : { loweredOutput }),
    covers(reading) {
      const wanted = reading.usage.output + aheadTokens;
      if (wanted <= coveredTokens) return true;
      const step = wanted - coveredTokens + aheadTokens;
      if (!hold.extend(outputAmount(basis, step))) return false;
      coveredTokens += step;
      return true;
    },
  };
}
