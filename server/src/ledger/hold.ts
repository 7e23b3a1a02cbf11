import { negateNanoUsd, toNanoUsd, zeroNanoUsd } from '../domain/money.ts';
import { insufficientBalance } from './wallets.ts';
import type { CallId, OrganizationId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { Wallets } from './wallets.ts';

/** `settling`: the charge is fixed and on its way to the book; it stays reserved until it is durable. */
export type HoldState = 'open' | 'settling' | 'settled' | 'released';

/** Money reserved for one call in flight. Ends exactly once, as `settled` or `released`. */
export interface Hold {
  readonly callId: CallId;
  readonly organizationId: OrganizationId;
  readonly amount: NanoUsd;
  readonly state: HoldState;
  /** Reserves more, before more output is delivered. False when the wallet cannot cover it. */
  extend(amount: NanoUsd): boolean;
  /** Gives everything back. False when the hold has ended or is settling, so a clean-up may always call it. */
  release(): boolean;
  /**
   * Fixes the charge and gives the rest back. A charge above the hold takes what the wallet still has and no more;
   * returns what is covered. Only an open hold can settle.
   */
  settleAt(charge: NanoUsd): NanoUsd;
  /** The settlement is durable. */
  confirm(): void;
}

interface HoldRequest {
  readonly principal: { readonly organizationId: OrganizationId };
  readonly estimate: NanoUsd;
  readonly callId: CallId;
}

/** Reserves the estimate. Throws `insufficient_balance`. */
export function hold(wallets: Wallets, { principal, estimate, callId }: HoldRequest): Hold {
  const { organizationId } = principal;
  let state: HoldState = 'open';
  let amount = estimate;
  const expect = (wanted: HoldState): void => {
    if (state !== wanted) throw new Error(`The hold of ${callId} is ${state}, not ${wanted}.`);
  };
  if (!wallets.reserve(organizationId, estimate)) {
    throw insufficientBalance(wallets.available(organizationId) ?? zeroNanoUsd, estimate);
  }
  return {
    callId,
    organizationId,
    get amount() {
      return amount;
    },
    get state() {
      return state;
    },
    extend(more) {
      if (state !== 'open' || !wallets.reserve(organizationId, more)) return false;
      amount = toNanoUsd(amount + more);
      return true;
    },
    release() {
      if (state !== 'open') return false;
      wallets.reserve(organizationId, negateNanoUsd(amount));
      amount = zeroNanoUsd;
      state = 'released';
      return true;
    },
    settleAt(charge) {
      expect('open');
      const missing = toNanoUsd(charge - amount);
      if (missing > 0n) amount = toNanoUsd(amount + wallets.reserveUpTo(organizationId, missing));
      else {
        wallets.reserve(organizationId, missing);
        amount = charge;
      }
      state = 'settling';
      return amount;
    },
    confirm() {
      expect('settling');
      wallets.spend(organizationId, amount);
      state = 'settled';
    },
  };
}
