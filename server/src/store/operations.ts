import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { auditBook } from './audit.ts';
import { createAccountOperations, createKeyOperations } from './access-rows.ts';
import { createLedgerReads, createLedgerWrites, createPriceOperations } from './ledger-rows.ts';
import { createOrganizationOperations } from './organization-rows.ts';

export interface OperationContext {
  readonly db: DatabaseSync;
  readonly path: string;
  /** Names this process in the marks of open calls. */
  readonly owner: string;
}

/** Health of the database file. */
export interface StoreIntegrity {
  /** Empty when SQLite finds nothing wrong. */
  readonly problems: readonly string[];
  /** Database and write-ahead log together. */
  readonly bytes: number;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Everything the worker does besides group commits; each is one message there and one back. */
export function createOperations({ db, path, owner }: OperationContext) {
  return {
    ...createKeyOperations(db),
    ...createAccountOperations(db),
    ...createLedgerReads(db),
    ...createPriceOperations(db),
    ...createLedgerWrites(db, owner),
    ...createOrganizationOperations(db),
    audit: (): readonly string[] => auditBook(db),
    integrity: (): StoreIntegrity => ({
      problems: db
        .prepare('PRAGMA quick_check')
        .all()
        .map((row) => String(row['quick_check']))
        .filter((line) => line !== 'ok'),
      bytes: sizeOf(path) + sizeOf(`${path}-wal`),
    }),
  };
}

export type Operations = ReturnType<typeof createOperations>;
