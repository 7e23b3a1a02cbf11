import { RelayError } from '../domain/errors.ts';
import { isAddressRange } from '../access/address-range.ts';
import { mintRelayKey, previewOf } from '../access/relay-key.ts';
import type { AccessStore } from '../access/access-store.ts';
import type { KeyLimits, RelayKeyRecord } from '../access/principal.ts';
import type { OrganizationId } from '../domain/ids.ts';
import type { EpochMs, Now } from '../domain/time.ts';
import type { IdSource } from '../platform/id-source.ts';
import type { KeyedHash } from '../platform/keyed-hash.ts';

interface MintKeyDeps {
  readonly store: Pick<AccessStore, 'insertKey'>;
  readonly ids: IdSource;
  readonly now: Now;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly hashKey: KeyedHash;
}

export interface NewKey {
  readonly organizationId: OrganizationId;
  readonly name: string;
  readonly expiresAt?: EpochMs;
  readonly allowedModels?: readonly string[];
  readonly allowedAddresses?: readonly string[];
  readonly limits?: KeyLimits;
  readonly isStrict?: boolean;
}

function checkNewKey(wish: NewKey, now: EpochMs): void {
  const refuse = (param: string, message: string): never => {
    throw new RelayError('invalid_request', { param, message });
  };
  if (wish.name.trim() === '') refuse('name', 'A relay key needs a name.');
  if (wish.expiresAt !== undefined && wish.expiresAt <= now)
    refuse('expiresAt', 'The expiry lies in the past.');
  const wrong = wish.allowedAddresses?.find((range) => !isAddressRange(range));
  if (wrong !== undefined) {
    refuse('allowedAddresses', `"${wrong}" is not an address or a range such as 10.0.0.0/8.`);
  }
  for (const [name, limit] of Object.entries(wish.limits ?? {}) as [string, number][]) {
    if (!Number.isSafeInteger(limit) || limit < 1) refuse(name, `${name} must be a whole number above zero.`);
  }
}

/** Makes a relay key. `key` is the only time it is seen; the store gets its keyed hash. */
export async function mintKey(
  deps: MintKeyDeps,
  wish: NewKey,
): Promise<{ readonly key: string; readonly record: RelayKeyRecord }> {
  const createdAt = deps.now();
  checkNewKey(wish, createdAt);
  const key = mintRelayKey(deps.randomBytes);
  const { name, limits, isStrict, ...rest } = wish;
  const record: RelayKeyRecord = {
    ...rest,
    keyId: deps.ids.next('relayKey'),
    keyName: name,
    limits: limits ?? {},
    isStrict: isStrict ?? false,
    hash: deps.hashKey(key),
    preview: previewOf(key),
    createdAt,
  };
  await deps.store.insertKey(record);
  return { key, record };
}
