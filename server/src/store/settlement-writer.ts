import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { inTransaction } from './open-database.ts';
import { callColumns, callWidth, chargeCell, costCell, organizationCell, startedCell } from './call-row.ts';
import type { Cell } from './call-row.ts';

/** Ids that the first migration gave to the relay's own ledger accounts. */
const ownAccounts = { revenue: 1, upstreamCost: 2, upstreamPayable: 3, cash: 5 } as const;

/** One group commit as handed from the main thread: plain arrays, one structured clone. */
export interface CommitBatch {
  /** Calls, `callWidth` cells each. */
  readonly calls: readonly Cell[];
  /** Marks of calls that stay open: call id, organization id, started at. */
  readonly marks: readonly Cell[];
  /** Call ids of earlier marks that end with this batch. */
  readonly closedMarks: readonly string[];
}

/** Indexes of calls that could not be written, each with its reason. Empty: all are durable. */
export type CommitFailures = readonly (readonly [index: number, reason: string])[];

/** SQL for the next id of the sequence that calls and ledger transactions share. */
export const nextId = `(SELECT max(ifnull((SELECT max(id) FROM ledger_transactions), 0),
  ifnull((SELECT max(id) FROM calls), 0)) + 1)`;

interface Statements {
  readonly call: StatementSync;
  readonly transaction: StatementSync;
  readonly entry: StatementSync;
  readonly twoEntries: StatementSync;
  readonly nextId: StatementSync;
  readonly walletAccount: StatementSync;
  readonly balance: StatementSync;
  readonly mark: StatementSync;
  readonly unmark: StatementSync;
}

function prepareStatements(db: DatabaseSync): Statements {
  return {
    call: db.prepare(
      `INSERT INTO calls (id, ${callColumns.join(', ')}) VALUES (?, ${callColumns.map(() => '?').join(', ')})
       ON CONFLICT (call_id) DO NOTHING`,
    ),
    transaction: db.prepare('INSERT INTO ledger_transactions VALUES (?, ?, ?, ?)'),
    entry: db.prepare('INSERT INTO ledger_entries VALUES (?, 1, ?, ?, ?)'),
    twoEntries: db.prepare('INSERT INTO ledger_entries VALUES (?, 1, ?, ?, ?), (?, 2, ?, ?, ?)'),
    nextId: db.prepare(`SELECT ${nextId} AS next`),
    walletAccount: db.prepare('SELECT account_id FROM wallets WHERE organization_id = ?'),
    balance: db.prepare(
      `INSERT INTO ledger_balances VALUES (?, ?)
       ON CONFLICT (account_id) DO UPDATE SET balance = balance + excluded.balance`,
    ),
    mark: db.prepare('INSERT OR IGNORE INTO open_calls VALUES (?, ?, ?, ?)'),
    unmark: db.prepare('DELETE FROM open_calls WHERE call_id = ?'),
  };
}

/** Numbers the rows of one SQL transaction and carries its sums into the balances at the end. */
class Journal {
  nextId: number;
  readonly #statements: Statements;
  readonly #changes = new Map<number, bigint>();

  constructor(statements: Statements) {
    this.#statements = statements;
    this.nextId = Number(statements.nextId.get()?.['next']);
  }

  /** Notes what an entry does to the two balances. */
  move(from: number, to: number, amount: bigint): void {
    this.#changes.set(from, (this.#changes.get(from) ?? 0n) - amount);
    this.#changes.set(to, (this.#changes.get(to) ?? 0n) + amount);
  }

  finish(): void {
    for (const [account, change] of this.#changes) this.#statements.balance.run(account, change);
  }
}

/** Books one movement of its own kind inside the caller's SQL transaction. */
export function bookTopUp(
  db: DatabaseSync,
  booking: {
    readonly businessKey: string;
    readonly at: number;
    readonly wallet: number;
    readonly amount: bigint;
  },
): void {
  const statements = prepareStatements(db);
  const journal = new Journal(statements);
  const { businessKey, at, wallet, amount } = booking;
  statements.transaction.run(journal.nextId, 'top-up', businessKey, at);
  statements.entry.run(journal.nextId, ownAccounts.cash, wallet, amount);
  journal.move(ownAccounts.cash, wallet, amount);
  journal.finish();
}

/** Writes batches of settlements over one connection. Lives as long as the connection. */
export class SettlementWriter {
  readonly #db: DatabaseSync;
  readonly #owner: string;
  readonly #statements: Statements;
  readonly #wallets = new Map<string, number>();

  constructor(db: DatabaseSync, owner: string) {
    this.#db = db;
    this.#owner = owner;
    this.#statements = prepareStatements(db);
  }

  commit(batch: CommitBatch): CommitFailures {
    const count = batch.calls.length / callWidth;
    try {
      withRetries(() => this.#commitTogether(batch, count));
      return [];
    } catch (error) {
      const reason = reasonOf(error);
      if (count > 1 && !isTransient(error)) return this.#commitOneByOne(batch, count);
      return Array.from({ length: count }, (_, index) => [index, reason] as const);
    }
  }

  #commitTogether(batch: CommitBatch, count: number): void {
    inTransaction(this.#db, () => {
      const journal = new Journal(this.#statements);
      for (let index = 0; index < count; index += 1) this.#settle(journal, callAt(batch, index));
      journal.finish();
      this.#writeMarks(batch);
    });
  }

  /** One call that cannot be written (no wallet, too large a sum) must not take its neighbours with it. */
  #commitOneByOne(batch: CommitBatch, count: number): CommitFailures {
    const failures: [number, string][] = [];
    for (let index = 0; index < count; index += 1) {
      try {
        const alone = { calls: callAt(batch, index), marks: [], closedMarks: [] };
        withRetries(() => this.#commitTogether(alone, 1));
      } catch (error) {
        failures.push([index, reasonOf(error)]);
      }
    }
    try {
      inTransaction(this.#db, () => this.#writeMarks(batch));
    } catch {
      // Marks are traces for a crash, not money; a lost one costs a flag.
    }
    return failures;
  }

  #settle(journal: Journal, cells: readonly Cell[]): void {
    const statements = this.#statements;
    const id = journal.nextId;
    if (statements.call.run(id, ...cells).changes === 0) return;
    journal.nextId += 1;
    const charge = cells[chargeCell] ?? 0;
    const cost = cells[costCell] ?? 0;
    const hasCharge = Number(charge) !== 0;
    const hasCost = Number(cost) !== 0;
    if (!hasCharge && !hasCost) return;
    const { revenue, upstreamCost, upstreamPayable } = ownAccounts;
    statements.transaction.run(id, 'settlement', null, cells[startedCell] ?? 0);
    if (hasCost) journal.move(upstreamPayable, upstreamCost, BigInt(cost));
    if (!hasCharge) {
      statements.entry.run(id, upstreamPayable, upstreamCost, cost);
      return;
    }
    const wallet = this.#walletOf(String(cells[organizationCell]));
    journal.move(wallet, revenue, BigInt(charge));
    if (hasCost) {
      statements.twoEntries.run(id, wallet, revenue, charge, id, upstreamPayable, upstreamCost, cost);
    } else {
      statements.entry.run(id, wallet, revenue, charge);
    }
  }

  #walletOf(organizationId: string): number {
    const known = this.#wallets.get(organizationId);
    if (known !== undefined) return known;
    const row = this.#statements.walletAccount.get(organizationId);
    if (row === undefined) throw new Error(`The organization ${organizationId} has no wallet.`);
    const accountId = Number(row['account_id']);
    this.#wallets.set(organizationId, accountId);
    return accountId;
  }

  #writeMarks({ marks, closedMarks }: CommitBatch): void {
    const { mark, unmark } = this.#statements;
    for (let index = 0; index < marks.length; index += 3) {
      mark.run(marks[index] ?? null, marks[index + 1] ?? null, marks[index + 2] ?? null, this.#owner);
    }
    for (const callId of closedMarks) unmark.run(callId);
  }
}

function callAt(batch: CommitBatch, index: number): readonly Cell[] {
  return batch.calls.slice(index * callWidth, (index + 1) * callWidth);
}

/** Waits between tries of a failing commit. Bounded: callers hold memory and a client's last frame meanwhile. */
const retryWaitsMs = [10, 50, 250];

function withRetries(work: () => void): void {
  for (const waitMs of retryWaitsMs) {
    try {
      work();
      return;
    } catch (error) {
      if (!isTransient(error)) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitMs);
  }
  work();
}

/** SQLite's primary result codes that may pass: busy, locked, I/O error, full disk. */
const transientCodes = new Set([5, 6, 10, 13]);

function isTransient(error: unknown): boolean {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === 'number' && transientCodes.has(code & 0xff);
}

/** Our own words and SQLite's; neither holds anything of a call's content. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
