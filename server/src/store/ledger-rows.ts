import type { DatabaseSync } from 'node:sqlite';
import { readPriceVersion, writePriceVersion } from '../domain/catalogue-json.ts';
import { toNanoUsd } from '../domain/money.ts';
import { kindColumns, kindOf, KindRows } from './call-kinds.ts';
import { callColumns, decodeCall, encodeCall } from './call-row.ts';
import { inTransaction } from './open-database.ts';
import { bookTopUp, nextId } from './settlement-writer.ts';
import { noUsage } from '../domain/usage.ts';
import type { PriceVersion } from '../domain/catalogue.ts';
import type { CallId, OrganizationId, RelayKeyId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import type { CallRecord } from '../ledger/call-record.ts';
import type { UsageQuery, UsageRow, WalletRecord } from '../ledger/ledger-store.ts';
import type { Cell } from './call-row.ts';

/** SQL for the group of a usage report; a closed table, so no caller's text reaches SQL. */
const groupings: Readonly<Record<UsageQuery['groupBy'], string>> = {
  model: 'offered_model',
  key: 'key_id',
  day: "strftime('%Y-%m-%d', started_at / 1000, 'unixepoch')",
  none: "''",
};

const money = (value: unknown): NanoUsd => toNanoUsd(value as bigint);

/** Wallets and reports: reading side of the `LedgerStore` port. */
export function createLedgerReads(db: DatabaseSync) {
  const wallets = db.prepare(
    `SELECT w.organization_id, w.mode, w.credit_line, ifnull(b.balance, 0) AS balance
     FROM wallets w LEFT JOIN ledger_balances b USING (account_id) ORDER BY w.organization_id`,
  );
  wallets.setReadBigInts(true);
  const columns = [...callColumns, ...kindColumns].join(', ');
  const call = db.prepare(`SELECT ${columns} FROM whole_calls WHERE organization_id = ? AND call_id = ?`);
  call.setReadBigInts(true);
  const recent = db.prepare(
    `SELECT ${columns} FROM whole_calls WHERE organization_id = ? ORDER BY started_at DESC, id DESC LIMIT ?`,
  );
  recent.setReadBigInts(true);
  return {
    loadWallets: (): readonly WalletRecord[] =>
      wallets.all().map((row) => ({
        organizationId: row['organization_id'] as OrganizationId,
        balance: money(row['balance']),
        creditLine: money(row['credit_line']),
        mode: row['mode'] as WalletRecord['mode'],
      })),
    findCall: (organizationId: OrganizationId, callId: CallId): CallRecord | undefined => {
      const row = call.get(organizationId, callId);
      return row === undefined ? undefined : decodeCall(row);
    },
    recentCalls: (organizationId: OrganizationId, limit: number): readonly CallRecord[] =>
      recent.all(organizationId, limit).map(decodeCall),
    usage: (query: UsageQuery): readonly UsageRow[] => {
      const statement = db.prepare(
        `SELECT ${groupings[query.groupBy]} AS grouped, count(*) AS calls,
           sum(input_tokens + cache_read_tokens + cache_write_tokens) AS prompt_tokens,
           sum(cache_read_tokens) AS cache_read_tokens, sum(output_tokens) AS output_tokens, sum(charge) AS charge
         FROM whole_calls WHERE organization_id = ? AND started_at >= ? AND started_at < ?
         GROUP BY grouped ORDER BY grouped`,
      );
      statement.setReadBigInts(true);
      return statement.all(query.organizationId, query.from, query.to).map((row) => ({
        group: String(row['grouped']),
        calls: Number(row['calls']),
        promptTokens: Number(row['prompt_tokens']),
        cacheReadTokens: Number(row['cache_read_tokens']),
        outputTokens: Number(row['output_tokens']),
        charge: money(row['charge']),
      }));
    },
  };
}

/** The price book's rows. */
export function createPriceOperations(db: DatabaseSync) {
  const all = db.prepare('SELECT body FROM price_versions ORDER BY sequence');
  const known = db.prepare(
    `SELECT (SELECT count(*) FROM price_versions WHERE id = ?) AS same,
       (SELECT count(*) FROM price_versions WHERE model = ? AND source = 'operator') AS by_operator`,
  );
  const insert = db.prepare(
    `INSERT INTO price_versions (id, model, valid_from, source, recorded_at, body) VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const isAppendable = (version: PriceVersion, source: 'catalogue' | 'operator'): boolean => {
    const row = known.get(version.id, version.model);
    return row?.['same'] === 0 && (source === 'operator' || row['by_operator'] === 0);
  };
  return {
    loadPrices: (): readonly PriceVersion[] =>
      all.all().map((row) => readPriceVersion(JSON.parse(String(row['body'])))),
    appendPrices: (
      versions: readonly PriceVersion[],
      source: 'catalogue' | 'operator',
      at: EpochMs,
    ): number =>
      inTransaction(db, () => {
        // Taken before the first insert, so that a first seeding keeps all the dates of the file.
        const modelsBefore = new Set(
          db
            .prepare('SELECT DISTINCT model FROM price_versions')
            .all()
            .map((row) => String(row['model'])),
        );
        const fresh = versions.filter((version) => isAppendable(version, source));
        for (const version of fresh) {
          const validFrom =
            modelsBefore.has(version.model) && version.validFrom < at ? at : version.validFrom;
          const kept = { ...version, validFrom };
          insert.run(kept.id, kept.model, validFrom, source, at, writePriceVersion(kept));
        }
        return fresh.length;
      }),
  };
}

/** Rare writes of the book: top-ups and what a dead process left open. */
export function createLedgerWrites(db: DatabaseSync, owner: string) {
  const walletOf = db.prepare('SELECT account_id FROM wallets WHERE organization_id = ?');
  const earlier = db.prepare(
    `SELECT e.amount, e.to_account FROM ledger_transactions t JOIN ledger_entries e ON e.transaction_id = t.id
     WHERE t.business_key = ?`,
  );
  earlier.setReadBigInts(true);
  const dead = db.prepare('SELECT * FROM open_calls WHERE owner <> ?');
  const insertCall = db.prepare(
    `INSERT INTO calls (${callColumns.join(', ')}) VALUES (? + ${nextId}, ${callColumns
      .slice(1)
      .map(() => '?')
      .join(', ')}) ON CONFLICT (call_id) DO NOTHING`,
  );
  const clear = db.prepare('DELETE FROM open_calls WHERE owner <> ?');
  const kinds = new KindRows(db);
  return {
    topUp: (organizationId: OrganizationId, amount: NanoUsd, reference: string, at: EpochMs): void => {
      if (amount <= 0n) throw new RangeError('A top-up must be more than zero.');
      inTransaction(db, () => {
        const wallet = walletOf.get(organizationId);
        if (wallet === undefined) throw new Error(`The organization ${organizationId} has no wallet.`);
        const accountId = Number(wallet['account_id']);
        const businessKey = `top-up:${reference}`;
        const done = earlier.get(businessKey);
        if (done !== undefined) {
          if (done['amount'] === amount && Number(done['to_account']) === accountId) return;
          throw new Error(`The reference "${reference}" was used for another top-up.`);
        }
        bookTopUp(db, { businessKey, at, wallet: accountId, amount });
      });
    },
    releaseDead: (at: EpochMs): number => {
      const died = dead.all(owner).map((row) => diedCall(row, at));
      const ids = died.map((record) => kinds.idOf(kindOf(record)));
      return inTransaction(db, () => {
        let released = 0;
        for (const [index, record] of died.entries()) {
          const cells: Cell[] = [];
          encodeCall(record, ids[index] ?? 0, cells);
          released += Number(insertCall.run(...cells).changes);
        }
        clear.run(owner);
        return released;
      });
    },
  };
}

/** What is left to say of a call whose process died: that it was, and that nothing was charged. */
function diedCall(row: Readonly<Record<string, unknown>>, at: EpochMs): CallRecord {
  const startedAt = Number(row['started_at']);
  return {
    callId: row['call_id'] as CallId,
    organizationId: row['organization_id'] as OrganizationId,
    keyId: '' as RelayKeyId,
    startedAt,
    durationMs: Math.max(0, at - startedAt),
    protocol: '',
    operation: '',
    offeredModel: '',
    isStream: false,
    outcome: 'relay-died',
    status: 0,
    attempts: [],
    usage: noUsage,
    usageSource: 'none',
    flags: ['usage-unknown'],
    charge: toNanoUsd(0n),
    cost: toNanoUsd(0n),
  };
}
