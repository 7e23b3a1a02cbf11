import { DatabaseSync } from 'node:sqlite';
import { applyMigrations } from './migrate.ts';
import type { EpochMs } from '../domain/time.ts';

/** How long a statement waits for another process (the command line) to finish its write. */
const busyTimeoutMs = 5_000;

/** Opens the file with the settings durability depends on, and brings its schema up to date. */
export function openDatabase(path: string, at: EpochMs): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
  try {
    db.exec('PRAGMA journal_mode = WAL');
    // FULL: a commit that was acknowledged survives a power cut, not only a killed process.
    db.exec('PRAGMA synchronous = FULL');
    db.exec('PRAGMA temp_store = MEMORY');
    db.exec('PRAGMA cache_size = -16384');
    // Appends touch the same leaf pages again and again; a rarer checkpoint copies each of them once.
    db.exec('PRAGMA wal_autocheckpoint = 4000');
    applyMigrations(db, at);
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

/** Runs `work` in one transaction that takes the write lock at once; nothing of it stays when it throws. */
export function inTransaction<Result>(db: DatabaseSync, work: () => Result): Result {
  db.exec('BEGIN IMMEDIATE');
  let result: Result;
  try {
    result = work();
    db.exec('COMMIT');
  } catch (error) {
    // Some errors (disk full, I/O) have rolled back already.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
  return result;
}
