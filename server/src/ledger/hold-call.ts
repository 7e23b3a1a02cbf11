import { affordableOutput, estimateCall } from './estimate.ts';
import { hold } from './hold.ts';
import { insufficientBalance } from './wallets.ts';
import type { CallId, OrganizationId } from '../domain/ids.ts';
import type { Estimate, EstimateBasis } from './estimate.ts';
import type { Hold } from './hold.ts';
import type { Wallets } from './wallets.ts';

export interface HeldCall {
  readonly hold: Hold;
  readonly estimate: Estimate;
  /** The output limit to send upstream instead of the call's own, because the wallet covers no more. */
  readonly loweredOutput?: number;
}

interface HoldCallRequest {
  readonly principal: { readonly organizationId: OrganizationId };
  readonly callId: CallId;
  readonly basis: EstimateBasis;
}

/**
 * Estimates a call and holds it. A unary call that the wallet cannot cover is held with a lower output limit, of at least
 * 256 tokens; a stream is not, because it extends its hold as it goes. Throws `insufficient_balance`.
 */
export function holdCall(wallets: Wallets, { principal, callId, basis }: HoldCallRequest): HeldCall {
  const estimate = estimateCall(basis);
  const available = wallets.available(principal.organizationId);
  if (available === undefined || estimate.amount <= available || basis.envelope.stream) {
    return { hold: hold(wallets, { principal, callId, estimate: estimate.amount }), estimate };
  }
  const loweredOutput = affordableOutput(basis, available);
  if (loweredOutput === undefined) throw insufficientBalance(available, estimate.amount);
  const envelope = { ...basis.envelope, maxOutputTokens: loweredOutput };
  const lowered = estimateCall({ ...basis, envelope });
  return {
    hold: hold(wallets, { principal, callId, estimate: lowered.amount }),
    estimate: lowered,
    loweredOutput,
  };
}
