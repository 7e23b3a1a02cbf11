import type { OrganizationId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';

export interface OrganizationSeed {
  readonly id: OrganizationId;
  readonly name: string;
  /** Given: set now, whatever it was. Absent: `unmetered` for a new wallet, else unchanged. */
  readonly walletMode?: 'prepaid' | 'unmetered';
  readonly at: EpochMs;
}

/** Port: organizations and the few settings that outlive a restart. */
export interface OrganizationStore {
  /** Creates the organization with its wallet if it is missing. Safe to repeat, also from two processes at once. */
  ensureOrganization(seed: OrganizationSeed): Promise<void>;
  setting(name: string): Promise<string | undefined>;
  putSetting(name: string, value: string): Promise<void>;
}
