import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toNanoUsd } from '../domain/money.ts';
import { noUsage } from '../domain/usage.ts';
import { callWidth } from './call-row.ts';
import { GroupCommit } from './group-commit.ts';
import type { CallId, OrganizationId, RelayKeyId } from '../domain/ids.ts';
import type { CallRecord } from '../ledger/call-record.ts';
import type { CommitBatch } from './settlement-writer.ts';

const organizationId = 'org_a' as OrganizationId;

function call(id: number): CallRecord {
  return {
    callId: `qzc_${id}` as CallId,
    organizationId,
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
  };
}

function setUp() {
  const batches: CommitBatch[] = [];
  const commits = new GroupCommit((batch) => batches.push(batch));
  const sizes = () => batches.map(({ calls }) => calls.length / callWidth);
  let next = 0;
  const settle = (count: number): Promise<void>[] =>
    Array.from({ length: count }, () => {
      next += 1;
      return commits.settle(call(next));
    });
  return { batches, commits, sizes, settle };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a lone settlement leaves at the end of the turn, and resolves when it is durable', async () => {
  const { commits, sizes, settle } = setUp();
  const [settled] = settle(1);
  assert.deepEqual(sizes(), []);
  await turn();
  assert.deepEqual(sizes(), [1]);
  commits.committed([]);
  await settled;
});

test('what comes while a commit is in flight shares the next one, which leaves at once', async () => {
  const { commits, sizes, settle } = setUp();
  void settle(1);
  await turn();
  void settle(3);
  await turn();
  assert.deepEqual(sizes(), [1]);
  commits.committed([]);
  assert.deepEqual(sizes(), [1, 3]);
});

test('under load the next commit waits for more, until there are enough', async () => {
  const { commits, sizes, settle } = setUp();
  void settle(5);
  await turn();
  void settle(2);
  commits.committed([]);
  assert.deepEqual(sizes(), [5]);
  void settle(30);
  await turn();
  assert.deepEqual(sizes(), [5, 32]);
});

test('under load a commit waits a few milliseconds at most', async () => {
  const { batches, commits, settle } = setUp();
  void settle(5);
  await turn();
  void settle(1);
  commits.committed([]);
  const began = performance.now();
  while (batches.length < 2 && performance.now() - began < 1_000) await turn();
  assert.equal(batches.length, 2);
});

test('a full batch in waiting leaves at once', async () => {
  const { commits, sizes, settle } = setUp();
  void settle(5);
  await turn();
  void settle(40);
  commits.committed([]);
  assert.deepEqual(sizes(), [5, 40]);
});

test('draining does not wait for more, and ends when the last commit is acknowledged', async () => {
  const { commits, sizes, settle } = setUp();
  void settle(5);
  await turn();
  void settle(2);
  commits.committed([]);
  let isDrained = false;
  const drained = commits.drained().then(() => (isDrained = true));
  assert.deepEqual(sizes(), [5, 2]);
  await turn();
  assert.equal(isDrained, false);
  commits.committed([]);
  await drained;
});

test('a failure reaches the settlement it belongs to and no other', async () => {
  const { commits, settle } = setUp();
  const settled = settle(3);
  await turn();
  commits.committed([[1, 'no wallet']]);
  const results = await Promise.allSettled(settled);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});

test('when the worker is gone everything that waits fails, and so does what comes later', async () => {
  const { commits, settle } = setUp();
  const inFlight = settle(1);
  await turn();
  const waiting = settle(1);
  commits.abandon('gone');
  const late = settle(1);
  const results = await Promise.allSettled([...inFlight, ...waiting, ...late]);
  assert.ok(results.every(({ status }) => status === 'rejected'));
  await commits.drained();
});

test('a mark and its settlement in one batch cancel each other, a written mark is closed by the settlement', async () => {
  const { batches, commits } = setUp();
  commits.markOpen('qzc_1' as CallId, organizationId, 1);
  commits.markOpen('qzc_2' as CallId, organizationId, 2);
  const first = commits.settle(call(1));
  await turn();
  assert.deepEqual(batches[0]?.marks, ['qzc_2', organizationId, 2]);
  assert.deepEqual(batches[0]?.closedMarks, []);
  commits.committed([]);
  await first;
  const second = commits.settle(call(2));
  await turn();
  assert.deepEqual(batches[1]?.closedMarks, ['qzc_2']);
  commits.committed([]);
  await second;
});
