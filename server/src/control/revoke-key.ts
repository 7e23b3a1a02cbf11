import type { AccessStore } from '../access/access-store.ts';
import type { OrganizationId, RelayKeyId } from '../domain/ids.ts';
import type { Now } from '../domain/time.ts';

interface RevokeKeyDeps {
  readonly store: Pick<AccessStore, 'disableKey'>;
  readonly now: Now;
}

/** Disables a key for good; it stays in the list. False when the organization has no such key. */
export function revokeKey(
  deps: RevokeKeyDeps,
  organizationId: OrganizationId,
  keyId: RelayKeyId,
): Promise<boolean> {
  return deps.store.disableKey(organizationId, keyId, deps.now());
}
