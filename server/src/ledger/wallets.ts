/**
 * The ledger: what a call may cost, what it did cost, and that no wallet is ever overdrawn.
 *
 * Begin with `hold.ts` (reserving), `charge.ts` (pricing) and `settle.ts` (closing). The durable book is behind the
 * port `ledger-store.ts`; this folder must not know SQL, protocols' bytes, keys or upstreams.
 *
 * This file: the wallets as this process sees them. One process serves an installation, so it holds each wallet whole.
 */
import { RelayError } from '../domain/errors.ts';
import { formatUsd, toNanoUsd } from '../domain/money.ts';
import type { OrganizationId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { WalletRecord } from './ledger-store.ts';

/** Mutable on purpose: the one place where money in flight is counted. Only this file and its holds touch it. */
interface Wallet {
  balance: bigint;
  creditLine: bigint;
  mode: WalletRecord['mode'];
  /** Sum of the open holds, settlements on their way to the book included. */
  held: bigint;
}

export interface Wallets {
  /** What a new hold may take; `undefined` when the wallet is unmetered. */
  available(organizationId: OrganizationId): NanoUsd | undefined;
  /**
   * Takes over the durable balances. Settlements not yet acknowledged stay held, so nothing counts twice; that holds
   * only when nothing is awaited between the load and this call: `wallets.sync(await store.loadWallets())`.
   */
  sync(records: readonly WalletRecord[]): void;
  /** Reserves or gives back (negative). False, and nothing changed, when the wallet cannot cover it. */
  reserve(organizationId: OrganizationId, amount: NanoUsd): boolean;
  /** Reserves as much of `amount` as there is and returns it. */
  reserveUpTo(organizationId: OrganizationId, amount: NanoUsd): NanoUsd;
  /** A settlement became durable: `amount` leaves the balance and is held no more. */
  spend(organizationId: OrganizationId, amount: NanoUsd): void;
  /** Sum of open holds, for tests and the operator's view. */
  held(organizationId: OrganizationId): NanoUsd;
}

export function createWallets(records: readonly WalletRecord[]): Wallets {
  const wallets = new Map<OrganizationId, Wallet>();

  const walletOf = (organizationId: OrganizationId): Wallet => {
    const wallet = wallets.get(organizationId);
    if (wallet === undefined) {
      throw new RelayError('insufficient_balance', {
        message: 'The organization of this relay key has no wallet.',
      });
    }
    return wallet;
  };
  const room = (wallet: Wallet): bigint => wallet.balance + wallet.creditLine - wallet.held;
  const sync = (fresh: readonly WalletRecord[]): void => {
    for (const { organizationId, balance, creditLine, mode } of fresh) {
      const wallet = wallets.get(organizationId);
      if (wallet === undefined) wallets.set(organizationId, { balance, creditLine, mode, held: 0n });
      else Object.assign(wallet, { balance, creditLine, mode });
    }
  };
  sync(records);

  return {
    sync,
    available(organizationId) {
      const wallet = walletOf(organizationId);
      return wallet.mode === 'unmetered' ? undefined : toNanoUsd(room(wallet));
    },
    reserve(organizationId, amount) {
      const wallet = walletOf(organizationId);
      if (amount > 0n && wallet.mode === 'prepaid' && room(wallet) < amount) return false;
      wallet.held += amount;
      return true;
    },
    reserveUpTo(organizationId, amount) {
      const wallet = walletOf(organizationId);
      const free = room(wallet);
      const taken = wallet.mode === 'unmetered' || free >= amount ? amount : toNanoUsd(free > 0n ? free : 0n);
      wallet.held += taken;
      return taken;
    },
    spend(organizationId, amount) {
      const wallet = walletOf(organizationId);
      wallet.held -= amount;
      wallet.balance -= amount;
    },
    held: (organizationId) => toNanoUsd(walletOf(organizationId).held),
  };
}

/** The refusal of a hold, in words a caller can act on. */
export function insufficientBalance(available: NanoUsd, needed: NanoUsd): RelayError {
  const has = formatUsd(toNanoUsd(available > 0n ? available : 0n));
  return new RelayError('insufficient_balance', {
    message: `This call may cost up to ${formatUsd(needed)} USD and the wallet has ${has} USD left. Top it up or ask for less output.`,
  });
}
