import { negateNanoUsd, toNanoUsd, zeroNanoUsd } from '../domain/money.ts';
import { insufficientBalance } from './wallets.ts';
import type { CallId, OrganizationId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { CallRecord } from './call-record.ts';
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
  /** Set when the call is settled; `settle` keeps it here to close each hold once. */
  closing: Promise<CallRecord> | undefined;
}

interface HoldRequest {
  readonly principal: { readonly organizationId: OrganizationId };
  readonly estimate: NanoUsd;
  readonly callId: CallId;
}

/** Reserves the estimate. Throws `insufficient_balance`. */
export function hold(wallets: Wallets, { principal, estimate, callId }: HoldRequest): Hold {
  const { organizationId } = principal;
  if (!wallets.reserve(organizationId, estimate)) {
    throw insufficientBalance(wallets.available(organizationId) ?? zeroNanoUsd, estimate);
  }
  return new OpenHold(wallets, { organizationId, callId, amount: estimate });
}

/** One is made for every call, and an object literal with getters costs more to make than all else here. */
class OpenHold implements Hold {
  readonly callId: CallId;
  readonly organizationId: OrganizationId;
  amount: NanoUsd;
  state: HoldState = 'open';
  closing: Promise<CallRecord> | undefined;
  readonly #wallets: Wallets;

  constructor(
    wallets: Wallets,
    taken: { readonly callId: CallId; readonly organizationId: OrganizationId; readonly amount: NanoUsd },
  ) {
    this.#wallets = wallets;
    this.callId = taken.callId;
    this.organizationId = taken.organizationId;
    this.amount = taken.amount;
  }

  extend(more: NanoUsd): boolean {
    if (this.state !== 'open' || !this.#wallets.reserve(this.organizationId, more)) return false;
    this.amount = toNanoUsd(this.amount + more);
    return true;
  }

  release(): boolean {
    if (this.state !== 'open') return false;
    this.#wallets.reserve(this.organizationId, negateNanoUsd(this.amount));
    this.amount = zeroNanoUsd;
    this.state = 'released';
    return true;
  }

  settleAt(charge: NanoUsd): NanoUsd {
    this.#expect('open');
    const missing = toNanoUsd(charge - this.amount);
    if (missing > 0n) {
      this.amount = toNanoUsd(this.amount + this.#wallets.reserveUpTo(this.organizationId, missing));
    } else {
      this.#wallets.reserve(this.organizationId, missing);
      this.amount = charge;
    }
    this.state = 'settling';
    return this.amount;
  }

  confirm(): void {
    this.#expect('settling');
    this.#wallets.spend(this.organizationId, this.amount);
    this.state = 'settled';
  }

  #expect(wanted: HoldState): void {
    if (this.state !== wanted) throw new Error(`The hold of ${this.callId} is ${this.state}, not ${wanted}.`);
  }
}
