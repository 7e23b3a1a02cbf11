import { RelayError } from '../domain/errors.ts';
import { isAddressWithin } from './address-range.ts';
import type { EpochMs } from '../domain/time.ts';
import type { KeyIndex } from './key-index.ts';
import type { Principal } from './principal.ts';

interface Caller {
  /** As found in the request's headers or query; `undefined` when there was none. */
  readonly key: string | undefined;
  /** The caller's IP address. */
  readonly address: string;
  readonly now: EpochMs;
}

/** Who calls. Throws `missing_key`, `unknown_key`, `disabled_key`, `expired_key` or `address_not_allowed`. */
export function identify(index: Pick<KeyIndex, 'find'>, { key, address, now }: Caller): Principal {
  if (key === undefined || key === '') throw new RelayError('missing_key');
  const record = index.find(key);
  if (record === undefined) throw new RelayError('unknown_key');
  if (record.disabledAt !== undefined && record.disabledAt <= now) throw new RelayError('disabled_key');
  if (record.expiresAt !== undefined && record.expiresAt <= now) throw new RelayError('expired_key');
  const { allowedAddresses } = record;
  if (allowedAddresses !== undefined && !allowedAddresses.some((range) => isAddressWithin(address, range))) {
    throw new RelayError('address_not_allowed');
  }
  return record;
}
