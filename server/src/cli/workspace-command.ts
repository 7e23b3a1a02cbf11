import { openWorkspace, type Workspace } from '../app.ts';
import { ConfigError } from '../config/config-error.ts';
import { loadProcessConfig, type Config } from '../config/load-config.ts';
import type { UpstreamAccountRecord } from '../routing/account.ts';
import { lockDataFolder } from '../store/data-folder-lock.ts';
import { CommandFailure } from './command-failure.ts';
import { storeFailureOf } from './store-failure.ts';

/** Opens the data folder for one command and closes it whatever happens. */
export async function withWorkspace<Result>(
  command: (workspace: Workspace) => Promise<Result>,
): Promise<Result> {
  const workspace = await openFolder(loadProcessConfig());
  try {
    return await command(workspace);
  } finally {
    await workspace.close();
  }
}

/** Opens a data folder; what is wrong with it is told in one sentence. */
export async function openFolder(config: Config): Promise<Workspace> {
  try {
    return await openWorkspace(config);
  } catch (error) {
    if (error instanceof ConfigError || !(error instanceof Error)) throw error;
    throw new CommandFailure(storeFailureOf(error) ?? `${error.message.replace(/\.$/, '')}.`, {
      cause: error,
    });
  }
}

/** Takes a data folder for one relay; returns the release. */
export function lockFolder(dataDir: string): () => void {
  const unlock = lockDataFolder(dataDir);
  if (unlock !== undefined) return unlock;
  throw new CommandFailure(
    `Another relay is running on the data folder ${dataDir}. Stop it first, or set QINGZHOU_DATA_DIR to another folder.`,
  );
}

/** The account of that name or id; one clear sentence when there is none. */
export async function findAccount(workspace: Workspace, nameOrId: string): Promise<UpstreamAccountRecord> {
  const accounts = await workspace.store.loadAccounts();
  const found = accounts.find((account) => account.name === nameOrId || account.id === nameOrId);
  if (found !== undefined) return found;
  const names = accounts.map((account) => account.name).join(', ') || 'none yet';
  throw new CommandFailure(`There is no upstream account "${nameOrId}". Accounts: ${names}.`);
}
