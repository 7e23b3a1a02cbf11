import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Lets one relay at a time serve a data folder: it counts wallets in memory. The lock is an exclusive SQLite transaction on a
 * file of its own, so the system gives it back however the process ends. Returns the release, or `undefined` when another
 * process has it.
 */
export function lockDataFolder(dataDir: string): (() => void) | undefined {
  const lock = new DatabaseSync(join(dataDir, 'serving.lock'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch {
    lock.close();
    return undefined;
  }
  return () => lock.close();
}
