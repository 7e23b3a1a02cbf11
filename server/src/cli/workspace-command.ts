import { openWorkspace, type Workspace } from '../app.ts';
import { loadProcessConfig } from '../config/load-config.ts';
import type { OrganizationId } from '../domain/ids.ts';
import type { UpstreamAccountRecord } from '../routing/account.ts';
import { CommandFailure } from './command-failure.ts';

/** Opens the data folder for one command and closes it whatever happens. */
export async function withWorkspace<Result>(
  command: (workspace: Workspace) => Promise<Result>,
): Promise<Result> {
  const workspace = await openWorkspace(loadProcessConfig());
  try {
    return await command(workspace);
  } finally {
    await workspace.close();
  }
}

/** The account of that name or id; one clear sentence when there is none. */
export async function findAccount(workspace: Workspace, nameOrId: string): Promise<UpstreamAccountRecord> {
  const accounts = await workspace.store.loadAccounts();
  const found = accounts.find((account) => account.name === nameOrId || account.id === nameOrId);
  if (found !== undefined) return found;
  const names = accounts.map((account) => account.name).join(', ') || 'none yet';
  throw new CommandFailure(`There is no upstream account "${nameOrId}". Accounts: ${names}.`);
}

/** Commands act for the default organization; more organizations come with the console. */
export function defaultOrganizationOf(workspace: Workspace): OrganizationId {
  return workspace.organizationId;
}
