import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { toNanoUsd } from '../domain/money.ts';
import { noUsage } from '../domain/usage.ts';
import { auditBook } from './audit.ts';
import { kindOf } from './call-kinds.ts';
import { encodeCall } from './call-row.ts';
import { openDatabase } from './open-database.ts';
import { createOperations } from './operations.ts';
import { SettlementWriter } from './settlement-writer.ts';
import type { CallId, OrganizationId, RelayKeyId } from '../domain/ids.ts';
import type { CallRecord } from '../ledger/call-record.ts';
import type { SentCell } from './call-row.ts';
import type { CommitBatch } from './settlement-writer.ts';

const organizationId = 'org_a' as OrganizationId;

function batchOf(from: number, to: number): CommitBatch {
  const calls: SentCell[] = [];
  for (let number = from; number < to; number += 1) {
    const record: CallRecord = {
      callId: `qzc_${number}` as CallId,
      organizationId,
      keyId: 'key_1' as RelayKeyId,
      startedAt: 1,
      durationMs: 1,
      protocol: 'p',
      operation: 'generate',
      offeredModel: 'm'.repeat(500),
      isStream: false,
      outcome: 'success',
      status: 200,
      attempts: [],
      usage: noUsage,
      usageSource: 'reported',
      flags: [],
      charge: toNanoUsd(3n),
      cost: toNanoUsd(2n),
    };
    encodeCall(record, kindOf(record), calls);
  }
  return { calls, marks: [], closedMarks: [] };
}

test('on a full disk all settlements of the commit are refused, none is half written, and later ones go through', () => {
  const folder = mkdtempSync(join(tmpdir(), 'qingzhou-full-'));
  const path = join(folder, 'full.db');
  const db = openDatabase(path, 1);
  createOperations({ db, path, owner: 'me' }).ensureOrganization({ id: organizationId, name: 'a', at: 1 });
  const writer = new SettlementWriter(db, 'me');
  assert.deepEqual(writer.commit(batchOf(0, 10)), []);

  const pages = Number(db.prepare('PRAGMA page_count').get()?.['page_count']);
  db.exec(`PRAGMA max_page_count = ${pages + 2}`);
  const failures = writer.commit(batchOf(10, 1_010));
  assert.equal(failures.length, 1_000);
  assert.match(failures[0]?.[1] ?? '', /full/);
  assert.equal(db.prepare('SELECT count(*) AS calls FROM calls').get()?.['calls'], 10);
  assert.deepEqual(auditBook(db), []);

  db.exec(`PRAGMA max_page_count = ${pages + 10_000}`);
  assert.deepEqual(writer.commit(batchOf(10, 1_010)), []);
  assert.deepEqual(auditBook(db), []);
  assert.equal(
    db.prepare('SELECT balance FROM ledger_balances WHERE account_id = 1').get()?.['balance'],
    3_030,
  );
  db.close();
  rmSync(folder, { recursive: true });
});
