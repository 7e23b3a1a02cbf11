import type { DatabaseSync } from 'node:sqlite';

interface Check {
  readonly sql: string;
  readonly say: (row: Readonly<Record<string, unknown>>) => string;
}

const text = (value: unknown): string => String(value);

/** Each query lists what is wrong; an intact book gives no row at all. */
const checks: readonly Check[] = [
  {
    sql: `SELECT t.id, t.kind FROM ledger_transactions t
          WHERE NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.transaction_id = t.id)`,
    say: (row) => `transaction ${text(row['id'])} (${text(row['kind'])}) has no entries`,
  },
  {
    sql: `SELECT e.transaction_id AS id FROM ledger_entries e
          LEFT JOIN ledger_transactions t ON t.id = e.transaction_id WHERE t.id IS NULL`,
    say: (row) => `an entry of transaction ${text(row['id'])} belongs to no transaction`,
  },
  {
    sql: `WITH derived AS (
            SELECT account, sum(amount) AS total FROM (
              SELECT to_account AS account, amount FROM ledger_entries
              UNION ALL SELECT from_account, -amount FROM ledger_entries) GROUP BY account)
          SELECT a.id, a.kind, ifnull(b.balance, 0) AS balance, ifnull(d.total, 0) AS total
          FROM ledger_accounts a
          LEFT JOIN ledger_balances b ON b.account_id = a.id LEFT JOIN derived d ON d.account = a.id
          WHERE ifnull(b.balance, 0) <> ifnull(d.total, 0)`,
    say: (row) =>
      `ledger account ${text(row['id'])} (${text(row['kind'])}) shows ${text(row['balance'])}, its entries sum to ${text(row['total'])}`,
  },
  {
    sql: `SELECT sum(balance) AS total FROM ledger_balances HAVING total <> 0`,
    say: (row) => `all balances together are ${text(row['total'])}, not zero`,
  },
  {
    sql: `SELECT c.call_id, c.charge, c.cost, ifnull(sum(e.amount) FILTER (WHERE e.to_account = 1
              AND e.from_account = w.account_id), 0) AS charged,
            ifnull(sum(e.amount) FILTER (WHERE e.to_account = 2 AND e.from_account = 3), 0) AS paid,
            count(e.line) - (c.charge <> 0) - (c.cost <> 0) AS surplus
          FROM calls c LEFT JOIN wallets w USING (organization_id)
          LEFT JOIN ledger_entries e ON e.transaction_id = c.id
          GROUP BY c.id HAVING charged <> c.charge OR paid <> c.cost OR surplus <> 0`,
    say: (row) =>
      `call ${text(row['call_id'])} says charge ${text(row['charge'])} and cost ${text(row['cost'])}, the book says ${text(row['charged'])} and ${text(row['paid'])}`,
  },
  {
    sql: `SELECT t.id FROM ledger_transactions t
          LEFT JOIN calls c ON c.id = t.id WHERE t.kind = 'settlement' AND c.id IS NULL`,
    say: (row) => `settlement ${text(row['id'])} belongs to no call`,
  },
];

/** Re-derives everything from the entries. Returns the differences, each as a sentence; at most 100 of a kind. */
export function auditBook(db: DatabaseSync): readonly string[] {
  return checks.flatMap(({ sql, say }) => {
    const statement = db.prepare(`${sql} LIMIT 100`);
    statement.setReadBigInts(true);
    return statement.all().map(say);
  });
}
