import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RelayError } from '../../../src/domain/errors.ts';
import { toNanoUsd } from '../../../src/domain/money.ts';
import { noUsage } from '../../../src/domain/usage.ts';
import { callRecord, organizationId, otherOrganizationId } from './call-fixture.ts';
import type { CallRecord } from '../../../src/ledger/call-record.ts';
import type { Store } from '../../../src/store/open-store.ts';
import { account } from './record-fixtures.ts';
import type { UseStore } from './use-store.ts';

const money = (value: number) => toNanoUsd(BigInt(value));

export function runSettlementTests(use: UseStore): void {
  const balanceOf = async (store: Store): Promise<bigint | undefined> =>
    (await store.loadWallets()).find((wallet) => wallet.organizationId === organizationId)?.balance;

  test('store: a call comes back with every field', () =>
    use(async (store) => {
      const rich: CallRecord = {
        ...callRecord('qzc_1', 1_234_567_891),
        firstByteMs: 3.5,
        servedModel: 'gpt-4o-2024-08-06',
        errorCode: 'upstream_failed',
        flags: ['estimated', 'shrinking'],
        usage: {
          ...noUsage,
          input: 10,
          cacheRead: 20,
          cacheWrite5m: 1,
          cacheWrite1h: 2,
          output: 30,
          reasoning: 5,
          audioInput: 3,
          webSearches: 1,
          serviceTier: 'flex',
        },
      };
      const record: CallRecord = {
        ...rich,
        attempts: [
          {
            accountId: account.id,
            upstreamModel: 'a',
            startedAt: 1,
            durationMs: 2,
            result: 'upstream_failed',
            cost: money(0),
            upstreamStatus: 500,
          },
          {
            accountId: account.id,
            upstreamModel: 'b',
            startedAt: 3,
            durationMs: 4,
            result: 'delivered',
            cost: money(7),
            usage: rich.usage,
            upstreamRequestId: 'req_1',
          },
          {
            accountId: account.id,
            upstreamModel: 'c',
            startedAt: 3,
            durationMs: 4,
            result: 'x',
            cost: toNanoUsd(2n ** 60n),
            usage: { ...noUsage, output: 1 },
          },
        ],
      };
      const bare: CallRecord = { ...callRecord('qzc_2', 0), attempts: [], flags: [], usage: noUsage };
      await Promise.all([store.settle(record), store.settle(bare)]);
      assert.deepEqual(await store.findCall(organizationId, record.callId), record);
      assert.deepEqual(await store.findCall(organizationId, bare.callId), bare);
      assert.equal(await store.findCall(otherOrganizationId, record.callId), undefined);
    }));

  test('store: a settlement books charge and cost, and settling again changes nothing', () =>
    use(async (store) => {
      await store.settle(callRecord('qzc_1', 700, 500));
      await store.settle(callRecord('qzc_1', 700, 500));
      await Promise.all([store.settle(callRecord('qzc_2', 30, 0)), store.settle(callRecord('qzc_2', 30, 0))]);
      await store.settle(callRecord('qzc_3', 0, 40));
      await store.settle(callRecord('qzc_4', 0, 0));
      assert.equal(await balanceOf(store), -730n);
      assert.deepEqual(await store.audit(), []);
      assert.equal((await store.recentCalls(organizationId, 10)).length, 4);
    }));

  test('store: amounts beyond 2^53 stay exact and amounts beyond 64 bits are refused alone', () =>
    use(async (store) => {
      const large = { ...callRecord('qzc_1', 0), charge: toNanoUsd(2n ** 60n + 1n) };
      const tooLarge = { ...callRecord('qzc_2', 0), charge: toNanoUsd(2n ** 63n) };
      const results = await Promise.allSettled([
        store.settle(large),
        store.settle(tooLarge),
        store.settle(callRecord('qzc_3', 5)),
      ]);
      assert.deepEqual(
        results.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled'],
      );
      assert.equal(await balanceOf(store), -(2n ** 60n) - 6n);
    }));

  test('store: a settlement that cannot be booked is rejected alone, its neighbours are written', () =>
    use(async (store) => {
      const results = await Promise.allSettled([
        store.settle(callRecord('qzc_1', 1)),
        store.settle({ ...callRecord('qzc_2', 1), organizationId: otherOrganizationId }),
        store.settle(callRecord('qzc_3', 1)),
      ]);
      assert.deepEqual(
        results.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled'],
      );
      const [, refused] = results;
      assert.ok(refused.status === 'rejected' && refused.reason instanceof RelayError);
      assert.equal(await balanceOf(store), -2n);
      assert.deepEqual(await store.audit(), []);
    }));

  test('store: thousands of settlements at once are all written', () =>
    use(async (store) => {
      const records = Array.from({ length: 5_000 }, (_, index) => callRecord(`qzc_${index}`, 3, 2));
      await Promise.all(records.map((record) => store.settle(record)));
      assert.equal(await balanceOf(store), -15_000n);
      assert.deepEqual(await store.audit(), []);
    }));

  test('store: answers that arrive in one burst are seen in their order, promises and all', () =>
    use(async (store) => {
      const seen: string[] = [];
      const settleAndTell = async (): Promise<void> => {
        await store.settle(callRecord('qzc_1', 5));
        for (let tick = 0; tick < 10; tick += 1) await Promise.resolve();
        seen.push('settled');
      };
      const loadAndTell = async (): Promise<void> => {
        await store.loadWallets();
        seen.push('loaded');
      };
      const settled = settleAndTell();
      await new Promise((resolve) => setImmediate(resolve));
      const loaded = loadAndTell();
      // Stands still until the worker has answered both.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      await Promise.all([settled, loaded]);
      assert.deepEqual(seen, ['settled', 'loaded']);
    }));

  test('store: a top-up counts once by its reference', () =>
    use(async (store) => {
      await store.topUp(organizationId, money(900), 'invoice-1', 10);
      await store.topUp(organizationId, money(900), 'invoice-1', 11);
      await store.settle(callRecord('qzc_1', 100));
      await store.topUp(organizationId, money(50), 'invoice-2', 12);
      assert.equal(await balanceOf(store), 850n);
      await assert.rejects(store.topUp(organizationId, money(1), 'invoice-1', 13), /used for another top-up/);
      await assert.rejects(store.topUp(organizationId, money(0), 'invoice-3', 13), /more than zero/);
      assert.deepEqual(await store.audit(), []);
    }));

  test('store: usage adds up by every grouping', () =>
    use(async (store) => {
      const day = 86_400_000;
      const usage = { ...noUsage, input: 10, cacheRead: 5, cacheWrite5m: 1, output: 2 };
      const call = (id: string, offeredModel: string, startedAt: number, charge: number) =>
        store.settle({ ...callRecord(id, charge), offeredModel, startedAt, usage });
      await Promise.all([
        call('qzc_1', 'a', 0, 1),
        call('qzc_2', 'b', day - 1, 2),
        call('qzc_3', 'a', day, 4),
        call('qzc_4', 'a', 2 * day, 8),
      ]);
      const range = { organizationId, from: 0, to: 2 * day };
      const rows = async (groupBy: 'model' | 'key' | 'day' | 'none') =>
        (await store.usage({ ...range, groupBy })).map(({ group, calls, charge }) => [group, calls, charge]);
      assert.deepEqual(await rows('model'), [
        ['a', 2, 5n],
        ['b', 1, 2n],
      ]);
      assert.deepEqual(await rows('day'), [
        ['1970-01-01', 2, 3n],
        ['1970-01-02', 1, 4n],
      ]);
      assert.deepEqual(await rows('key'), [['key_1', 3, 7n]]);
      assert.deepEqual(await store.usage({ ...range, groupBy: 'none' }), [
        { group: '', calls: 3, promptTokens: 48, cacheReadTokens: 15, outputTokens: 6, charge: 7n },
      ]);
      assert.deepEqual(
        await store.usage({ ...range, organizationId: otherOrganizationId, groupBy: 'none' }),
        [],
      );
      const recent = await store.recentCalls(organizationId, 2);
      assert.deepEqual(
        recent.map(({ callId }) => callId),
        ['qzc_4', 'qzc_3'],
      );
    }));
}
