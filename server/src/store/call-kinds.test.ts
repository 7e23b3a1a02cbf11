import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toNanoUsd } from '../domain/money.ts';
import { noUsage } from '../domain/usage.ts';
import { CallKinds, kindOf, KindRows } from './call-kinds.ts';
import { openDatabase } from './open-database.ts';
import type { CallId, OrganizationId, RelayKeyId } from '../domain/ids.ts';
import type { CallRecord } from '../ledger/call-record.ts';

function call(change: Partial<CallRecord> = {}): CallRecord {
  return {
    callId: 'qzc_1' as CallId,
    organizationId: 'org_a' as OrganizationId,
    keyId: 'key_1' as RelayKeyId,
    startedAt: 1,
    durationMs: 1,
    protocol: 'p',
    operation: 'generate',
    offeredModel: 'm',
    isStream: false,
    outcome: 'success',
    status: 200,
    attempts: [],
    usage: noUsage,
    usageSource: 'reported',
    flags: [],
    charge: toNanoUsd(1n),
    cost: toNanoUsd(1n),
    ...change,
  };
}

const otherKinds: readonly Partial<CallRecord>[] = [
  { keyId: 'key_2' as RelayKeyId },
  { protocol: 'q' },
  { operation: 'embed' },
  { offeredModel: 'n' },
  { servedModel: 'm-2026' },
  { isStream: true },
  { outcome: 'failed' },
  { status: 500 },
  { errorCode: 'upstream_empty' },
  { usageSource: 'estimated' },
  { flags: ['zero'] },
  { flags: ['zero', 'one'] },
  { priceVersionId: 'm@1' },
];

test('calls share a kind when all that it says is the same', () => {
  const kinds = new CallKinds();
  const first = kinds.of(call());
  for (const change of otherKinds) {
    assert.notEqual(kinds.of(call(change)), first);
    assert.deepEqual(kinds.of(call(change)), kindOf(call(change)));
  }
  assert.equal(kinds.of(call({ callId: 'qzc_2' as CallId, startedAt: 9, charge: toNanoUsd(5n) })), first);
});

test('whatever is forgotten, a call is told as it is', () => {
  const kinds = new CallKinds();
  for (let number = 0; number < 10_000; number += 1) {
    const record = call({ keyId: `key_${number % 700}` as RelayKeyId, offeredModel: `m${number % 30}` });
    assert.deepEqual(kinds.of(record), kindOf(record));
  }
});

test('a kind is written once, and found again by the next process', () => {
  const db = openDatabase(':memory:', 1);
  const kinds = [{}, ...otherKinds].map((change) => kindOf(call(change)));
  const rows = new KindRows(db);
  const ids = kinds.map((kind) => rows.idOf(kind));
  assert.equal(new Set(ids).size, kinds.length);
  const later = new KindRows(db);
  assert.deepEqual(
    kinds.map((kind) => later.idOf(kind)),
    ids,
  );
  assert.equal(db.prepare('SELECT count(*) AS kinds FROM call_kinds').get()?.['kinds'], kinds.length);
  db.close();
});
