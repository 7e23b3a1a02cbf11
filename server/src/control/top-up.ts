import { RelayError } from '../domain/errors.ts';
import type { OrganizationId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { Now } from '../domain/time.ts';
import type { LedgerStore, WalletRecord } from '../ledger/ledger-store.ts';

interface TopUpDeps {
  readonly store: Pick<LedgerStore, 'topUp' | 'loadWallets'>;
  readonly now: Now;
}

interface TopUp {
  readonly organizationId: OrganizationId;
  readonly amount: NanoUsd;
  /** Names the payment; the same reference credits once, however often it is sent. */
  readonly reference: string;
}

/** Credits a wallet and gives it as it is afterwards. */
export async function topUp(deps: TopUpDeps, wish: TopUp): Promise<WalletRecord> {
  if (wish.amount <= 0n) {
    throw new RelayError('invalid_request', { param: 'amount', message: 'A top-up must be more than zero.' });
  }
  if (wish.reference.trim() === '') {
    throw new RelayError('invalid_request', { param: 'reference', message: 'A top-up needs a reference.' });
  }
  await deps.store.topUp(wish.organizationId, wish.amount, wish.reference, deps.now());
  const wallet = (await deps.store.loadWallets()).find(
    ({ organizationId }) => organizationId === wish.organizationId,
  );
  if (wallet === undefined) throw new RelayError('internal');
  return wallet;
}
