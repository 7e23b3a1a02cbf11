/**
 * The control plane: one use case a file, each a function of a small deps object and a wish. It must not know SQL (ports
 * only), HTTP or the data plane. Begin with any file; they do not build on each other.
 *
 * This file: the organization that exists from the first start.
 */
import type { OrganizationId } from '../domain/ids.ts';
import type { Now } from '../domain/time.ts';
import type { OrganizationSeed, OrganizationStore } from './organization-store.ts';

/** Fixed, so that two processes that start at once make one organization. */
export const defaultOrganizationId = 'org_default' as OrganizationId;

interface DefaultOrganizationDeps {
  readonly store: Pick<OrganizationStore, 'ensureOrganization'>;
  readonly now: Now;
}

/**
 * Makes sure of the default organization and its wallet. A new wallet is unmetered unless configured otherwise, so that
 * a private user needs no top-up; a configured mode also changes an existing wallet.
 */
export async function ensureDefaultOrganization(
  deps: DefaultOrganizationDeps,
  walletMode?: OrganizationSeed['walletMode'],
): Promise<OrganizationId> {
  await deps.store.ensureOrganization({
    id: defaultOrganizationId,
    name: 'default',
    ...(walletMode === undefined ? {} : { walletMode }),
    at: deps.now(),
  });
  return defaultOrganizationId;
}
