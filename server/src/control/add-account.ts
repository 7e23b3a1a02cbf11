import { RelayError } from '../domain/errors.ts';
import type { Now } from '../domain/time.ts';
import type { IdSource } from '../platform/id-source.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import type { AccountStore, UpstreamAccountRecord } from '../routing/account.ts';

interface AddAccountDeps {
  readonly store: Pick<AccountStore, 'insertAccount' | 'loadAccounts'>;
  readonly ids: IdSource;
  readonly now: Now;
  readonly box: SecretBox;
}

type Described = Pick<UpstreamAccountRecord, 'name' | 'kind' | 'preset' | 'baseUrl' | 'models' | 'region'>;

export interface NewAccount extends Described {
  readonly credential: string;
  /** Egress proxy URL; may carry a password, so it is sealed too. */
  readonly proxy?: string;
  readonly modelMap?: Readonly<Record<string, string>>;
  readonly options?: Readonly<Record<string, string>>;
  readonly priority?: number;
  readonly unpriced?: UpstreamAccountRecord['unpriced'];
}

/** Associated data of an account's secrets: a sealed value copied to another account or field does not open. */
export function credentialPlace(id: UpstreamAccountRecord['id']): string {
  return `${id} credential`;
}

export function proxyPlace(id: UpstreamAccountRecord['id']): string {
  return `${id} proxy`;
}

/** Stores an upstream account with its credential sealed. Whether the kind exists is the caller's check. */
export async function addAccount(deps: AddAccountDeps, wish: NewAccount): Promise<UpstreamAccountRecord> {
  if (wish.name.trim() === '') {
    throw new RelayError('invalid_request', { param: 'name', message: 'An upstream account needs a name.' });
  }
  const accounts = await deps.store.loadAccounts();
  if (accounts.some((account) => account.name === wish.name)) {
    throw new RelayError('invalid_request', {
      param: 'name',
      message: `There is an upstream account named "${wish.name}" already. Choose another name.`,
    });
  }
  const id = deps.ids.next('upstreamAccount');
  const { credential, proxy, modelMap, options, priority, unpriced, ...described } = wish;
  const record: UpstreamAccountRecord = {
    ...described,
    id,
    sealedCredential: deps.box.seal(credential, credentialPlace(id)),
    ...(proxy === undefined ? {} : { sealedProxy: deps.box.seal(proxy, proxyPlace(id)) }),
    modelMap: modelMap ?? {},
    options: options ?? {},
    priority: priority ?? 100,
    unpriced: unpriced ?? 'refuse',
    createdAt: deps.now(),
  };
  await deps.store.insertAccount(record);
  return record;
}
