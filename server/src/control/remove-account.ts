import type { AccountStore, UpstreamAccountRecord } from '../routing/account.ts';

interface RemoveAccountDeps {
  readonly store: Pick<AccountStore, 'loadAccounts' | 'removeAccount'>;
}

/** Removes the account with this id or name; its credential is wiped. Gives what was removed, if there was such a one. */
export async function removeAccount(
  deps: RemoveAccountDeps,
  idOrName: string,
): Promise<UpstreamAccountRecord | undefined> {
  const accounts = await deps.store.loadAccounts();
  const account = accounts.find(({ id, name }) => id === idOrName || name === idOrName);
  if (account === undefined) return undefined;
  return (await deps.store.removeAccount(account.id)) ? account : undefined;
}
