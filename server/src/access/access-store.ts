import type { EpochMs } from '../domain/time.ts';
import type { OrganizationId, RelayKeyId } from '../domain/ids.ts';
import type { RelayKeyRecord } from './principal.ts';

/** Port: where relay keys live. Every call carries the organization; ownership is part of every WHERE. */
export interface AccessStore {
  /** All keys of all organizations, for the in-memory index. */
  loadKeys(): Promise<readonly RelayKeyRecord[]>;
  listKeys(organizationId: OrganizationId): Promise<readonly RelayKeyRecord[]>;
  insertKey(record: RelayKeyRecord): Promise<void>;
  /** False when the organization has no such key. */
  disableKey(organizationId: OrganizationId, keyId: RelayKeyId, at: EpochMs): Promise<boolean>;
}
