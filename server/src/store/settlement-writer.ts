import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { BulkInsert } from './bulk-insert.ts';
import { inTransaction } from './open-database.ts';
import { KindRows } from './call-kinds.ts';
import { callColumns, callWidth, chargeCell, costCell, kindCell, organizationCell } from './call-row.ts';
import type { CallKind } from './call-kinds.ts';
import type { Cell, SentCell } from './call-row.ts';

/** Ids that the first migration gave to the relay's own ledger accounts. */
const ownAccounts = { revenue: 1, upstreamCost: 2, upstreamPayable: 3, cash: 5 } as const;

/** One group commit as handed from the main thread: plain arrays, one structured clone. */
export interface CommitBatch {
  /** Calls, `callWidth` cells each. The writer numbers them and their kinds in place. */
  readonly calls: SentCell[];
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
  /** Book all calls from an id on. */
  readonly bookings: readonly StatementSync[];
  readonly nextId: StatementSync;
  readonly walletAccount: StatementSync;
  readonly balance: StatementSync;
  readonly mark: StatementSync;
  readonly unmark: StatementSync;
}

/** A settlement and its entries repeat what the call's row says, so they are taken from there and not handed over again. */
const bookings = [
  `INSERT INTO ledger_transactions
    SELECT id, 'settlement', NULL, started_at FROM calls WHERE id >= ? AND (charge <> 0 OR cost <> 0)`,
  `INSERT INTO ledger_entries
    SELECT id, 1, account_id, ${ownAccounts.revenue}, charge FROM calls JOIN wallets USING (organization_id)
    WHERE id >= ? AND charge <> 0`,
  `INSERT INTO ledger_entries
    SELECT id, 2, ${ownAccounts.upstreamPayable}, ${ownAccounts.upstreamCost}, cost FROM calls
    WHERE id >= ? AND cost <> 0`,
];

function prepareStatements(db: DatabaseSync): Statements {
  const intoCalls = `INSERT INTO calls (${callColumns.join(', ')})`;
  const callRow = `(${callColumns.map(() => '?').join(', ')})`;
  return {
    calls: new BulkInsert(db, intoCalls, callRow),
    callOnce: db.prepare(`${intoCalls} VALUES ${callRow} ON CONFLICT (call_id) DO NOTHING`),
    bookings: bookings.map((sql) => db.prepare(sql)),
    nextId: db.prepare(`SELECT ${nextId} AS next`),
    walletAccount: db.prepare('SELECT account_id FROM wallets WHERE organization_id = ?'),
    balance: db.prepare(changeBalance),
    mark: db.prepare('INSERT OR IGNORE INTO open_calls VALUES (?, ?, ?, ?)'),
    unmark: db.prepare('DELETE FROM open_calls WHERE call_id = ?'),
  };
}

const changeBalance = `INSERT INTO ledger_balances VALUES (?, ?)
  ON CONFLICT (account_id) DO UPDATE SET balance = balance + excluded.balance`;

/** An exact sum of money cells: of numbers as numbers while they last, which is nearly always. */
class Sum {
  #numbers = 0;
  #exact = 0n;

  add(cell: Cell): void {
    const sum = typeof cell === 'number' ? this.#numbers + cell : Number.NaN;
    if (Number.isSafeInteger(sum)) this.#numbers = sum;
    else this.#exact += BigInt(cell ?? 0);
  }

  total(): bigint {
    return this.#exact + BigInt(this.#numbers);
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
  readonly #kinds: KindRows;
  readonly #wallets = new Map<string, number>();

  constructor(db: DatabaseSync, owner: string) {
    this.#db = db;
    this.#owner = owner;
    this.#statements = prepareStatements(db);
    this.#kinds = new KindRows(db);
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

  #commitTogether(batch: CommitBatch, insert: (calls: Cell[]) => readonly number[]): void {
    const calls = this.#numberKinds(batch.calls);
    inTransaction(this.#db, () => {
      const first = Number(this.#statements.nextId.get()?.['next']);
      for (let start = 0; start < calls.length; start += callWidth) calls[start] = first + start / callWidth;
      this.#changeBalances(calls, insert(calls));
      for (const booking of this.#statements.bookings) booking.run(first);
      this.#writeMarks(batch);
    });
  }

  /** Kinds are durable by themselves: one without a call does no harm, and a later call finds it there. */
  #numberKinds(calls: SentCell[]): Cell[] {
    const ids = new Map<CallKind, number>();
    for (let at = kindCell; at < calls.length; at += callWidth) {
      const kind = calls[at];
      if (typeof kind !== 'object' || kind === null) continue;
      const id = ids.get(kind) ?? this.#kinds.idOf(kind);
      ids.set(kind, id);
      calls[at] = id;
    }
    return calls as Cell[];
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

  /** `starts` are those of the calls that were inserted. */
  #changeBalances(calls: readonly Cell[], starts: readonly number[]): void {
    const { revenue, upstreamCost, upstreamPayable } = ownAccounts;
    const cost = new Sum();
    const charges = new Map<Cell, Sum>();
    let organizationId: Cell = null;
    let charge = new Sum();
    for (const start of starts) {
      cost.add(calls[start + costCell] ?? 0);
      // Neighbours mostly are of one organization, and comparing is cheaper than looking up.
      const next = calls[start + organizationCell] ?? null;
      if (next !== organizationId) {
        organizationId = next;
        charge = charges.get(next) ?? new Sum();
        charges.set(next, charge);
      }
      charge.add(calls[start + chargeCell] ?? 0);
    }
    this.#move(upstreamPayable, upstreamCost, cost.total());
    for (const [payer, sum] of charges) {
      const total = sum.total();
      if (total !== 0n) this.#move(this.#walletOf(String(payer)), revenue, total);
    }
  }

  #move(from: number, to: number, amount: bigint): void {
    if (amount === 0n) return;
    const { balance } = this.#statements;
    balance.run(from, -amount);
    balance.run(to, amount);
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
