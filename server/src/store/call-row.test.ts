import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toNanoUsd } from '../domain/money.ts';
import { noUsage } from '../domain/usage.ts';
import { kindColumns, kindOf } from './call-kinds.ts';
import { callColumns, decodeCall, encodeCall, type Cell } from './call-row.ts';
import type { CallId, OrganizationId, RelayKeyId } from '../domain/ids.ts';
import type { Usage } from '../domain/usage.ts';
import type { CallRecord } from '../ledger/call-record.ts';

function written(usage: Usage): CallRecord {
  const record: CallRecord = {
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
    usage,
    usageSource: 'reported',
    flags: [],
    charge: toNanoUsd(1n),
    cost: toNanoUsd(1n),
  };
  const cells: Cell[] = [];
  encodeCall(record, 1, cells);
  const columns = [...callColumns, ...kindColumns];
  const values = [...cells, ...kindOf(record)];
  const row = Object.fromEntries(columns.map((column, index) => [column, values[index] ?? null]));
  return decodeCall({ ...row, charge: 1n, cost: 1n });
}

test('every count of usage comes back, also where it is the only one', () => {
  const counts = [...Object.keys(noUsage), 'toolInput'] as Exclude<keyof Usage, 'serviceTier'>[];
  for (const name of counts) {
    const usage: Usage = { ...noUsage, [name]: 7 };
    assert.deepEqual(written(usage).usage, usage, name);
  }
  const tiered: Usage = { ...noUsage, serviceTier: 'flex' };
  assert.deepEqual(written(tiered).usage, tiered);
});
