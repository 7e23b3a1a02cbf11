import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { BulkInsert } from './bulk-insert.ts';
import { inTransaction } from './open-database.ts';
import { callColumns, callWidth, chargeCell, costCell, organizationCell, startedCell } from './call-row.ts';
import type { Cell } from './call-row.ts';

/** Ids that the first migration gave to the relay's own ledger accounts. */
const ownAccounts = { revenue: 1, upstreamCost: 2, upstreamPayable: 3, cash: 5 } as const;

/** One group commit as handed from the main thread: plain arrays, one structured clone. */
export interface CommitBatch {
  /** Calls, `callWidth` cells each. The writer numbers them in place. */
  readonly calls: Cell[];
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
  readonly calls: BulkInsert;
  /** Inserts one call unless it is there already. */
  readonly callOnce: StatementSync;
  readonly settlements: BulkInsert;
  readonly entries: BulkInsert;
  readonly nextId: StatementSync;
  readonly walletAccount: StatementSync;
  readonly balance: StatementSync;
  readonly mark: StatementSync;
  readonly unmark: StatementSync;
}

function prepareStatements(db: DatabaseSync): Statements {
  const intoCalls = `INSERT INTO calls (${callColumns.join(', ')})`;
  const callRow = `(${callColumns.map(() => '?').join(', ')})`;
  return {
    calls: new BulkInsert(db, intoCalls, callRow),
    callOnce: db.prepare(`${intoCalls} VALUES ${callRow} ON CONFLICT (call_id) DO NOTHING`),
    settlements: new BulkInsert(db, 'INSERT INTO ledger_transactions', "(?, 'settlement', NULL, ?)"),
    entries: new BulkInsert(db, 'INSERT INTO ledger_entries', '(?, ?, ?, ?, ?)'),
    nextId: db.prepare(`SELECT ${nextId} AS next`),
    walletAccount: db.prepare('SELECT account_id FROM wallets WHERE organization_id = ?'),
    balance: db.prepare(changeBalance),
    mark: db.prepare('INSERT OR IGNORE INTO open_calls VALUES (?, ?, ?, ?)'),
    unmark: db.prepare('DELETE FROM open_calls WHERE call_id = ?'),
  };
}

const changeBalance = `INSERT INTO ledger_balances VALUES (?, ?)
  ON CONFLICT (account_id) DO UPDATE SET balance = balance + excluded.balance`;

/** Gathers the settlements of one SQL transaction: their rows, and their sums for the balances. */
class Journal {
  readonly #settlements: Cell[] = [];
  readonly #entries: Cell[] = [];
  readonly #changes = new Map<number, bigint>();

  settlement(id: number, at: Cell): void {
    this.#settlements.push(id, at);
  }

  entry(id: number, line: number, [from, to]: readonly [from: number, to: number], amount: Cell): void {
    this.#entries.push(id, line, from, to, amount);
    const exact = BigInt(amount ?? 0);
    this.#changes.set(from, (this.#changes.get(from) ?? 0n) - exact);
    this.#changes.set(to, (this.#changes.get(to) ?? 0n) + exact);
  }

  write({ settlements, entries, balance }: Statements): void {
    settlements.run(this.#settlements);
    entries.run(this.#entries);
    for (const [account, change] of this.#changes) balance.run(account, change);
  }
}

/** Books a top-up inside the caller's SQL transaction. */
export function bookTopUp(
  db: DatabaseSync,
  booking: {
    readonly businessKey: string;
    readonly at: number;
    readonly wallet: number;
    readonly amount: bigint;
  },
): void {
  const { businessKey, at, wallet, amount } = booking;
  const id = Number(db.prepare(`SELECT ${nextId} AS next`).get()?.['next']);
  db.prepare("INSERT INTO ledger_transactions VALUES (?, 'top-up', ?, ?)").run(id, businessKey, at);
  db.prepare('INSERT INTO ledger_entries VALUES (?, 1, ?, ?, ?)').run(id, ownAccounts.cash, wallet, amount);
  const balance = db.prepare(changeBalance);
  balance.run(ownAccounts.cash, -amount);
  balance.run(wallet, amount);
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
      withRetries(() => this.#commitTogether(batch, (calls) => this.#insertAtOnce(calls)));
      return [];
    } catch (error) {
      const reason = reasonOf(error);
      if (!isTransient(error)) return this.#commitOneByOne(batch, count);
      return Array.from({ length: count }, (_, index) => [index, reason] as const);
    }
  }

  #commitTogether(batch: CommitBatch, insert: (calls: Cell[]) => Iterable<number>): void {
    inTransaction(this.#db, () => {
      const { calls } = batch;
      const first = Number(this.#statements.nextId.get()?.['next']);
      for (let start = 0; start < calls.length; start += callWidth) calls[start] = first + start / callWidth;
      const journal = new Journal();
      for (const start of insert(calls)) this.#book(journal, calls, start);
      journal.write(this.#statements);
      this.#writeMarks(batch);
    });
  }

  /** The common way: none of the calls is there yet. Fails as a whole when one is. Gives the starts of the new rows. */
  #insertAtOnce(calls: Cell[]): readonly number[] {
    this.#statements.calls.run(calls);
    return Array.from({ length: calls.length / callWidth }, (_, index) => index * callWidth);
  }

  /** A call that is there already is left as it is, and nothing is booked for it. */
  #insertOnce(calls: Cell[]): readonly number[] {
    return this.#statements.callOnce.run(...calls).changes === 0 ? [] : [0];
  }

  /** One call that cannot be written (no wallet, too large a sum) must not take its neighbours with it. */
  #commitOneByOne(batch: CommitBatch, count: number): CommitFailures {
    const failures: [number, string][] = [];
    for (let index = 0; index < count; index += 1) {
      const calls = batch.calls.slice(index * callWidth, (index + 1) * callWidth);
      try {
        withRetries(() =>
          this.#commitTogether({ calls, marks: [], closedMarks: [] }, (one) => this.#insertOnce(one)),
        );
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

  #book(journal: Journal, calls: readonly Cell[], start: number): void {
    const charge = calls[start + chargeCell] ?? 0;
    const cost = calls[start + costCell] ?? 0;
    const hasCharge = Number(charge) !== 0;
    const hasCost = Number(cost) !== 0;
    if (!hasCharge && !hasCost) return;
    const id = Number(calls[start]);
    const { revenue, upstreamCost, upstreamPayable } = ownAccounts;
    journal.settlement(id, calls[start + startedCell] ?? 0);
    if (hasCharge) {
      const wallet = this.#walletOf(String(calls[start + organizationCell]));
      journal.entry(id, 1, [wallet, revenue], charge);
    }
    if (hasCost) journal.entry(id, 2, [upstreamPayable, upstreamCost], cost);
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
