/**
 * What every durable store must do. An implementation has a test file of ten lines that calls `runStoreSuite`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RelayError } from '../../src/domain/errors.ts';
import { toNanoUsd } from '../../src/domain/money.ts';
import { callRecord, organizationId, otherOrganizationId } from './store/call-fixture.ts';
import type { CallId } from '../../src/domain/ids.ts';
import type { Store } from '../../src/store/open-store.ts';
import { fullKey } from './store/record-fixtures.ts';
import { runKeyAndAccountTests } from './store/key-and-account-tests.ts';
import { runPriceTests } from './store/price-tests.ts';
import { runSettlementTests } from './store/settlement-tests.ts';
import type { UseStore } from './store/use-store.ts';

const money = (value: number) => toNanoUsd(BigInt(value));

/** One database that outlives its openings; `open` twice is two processes' view of it. */
export interface StoreUnderTest {
  readonly open: () => Promise<Store>;
  readonly dispose: () => Promise<void>;
}

/** Runs the suite. Each test gets a database of its own with one organization that has a wallet. */
export function runStoreSuite(create: () => Promise<StoreUnderTest>): void {
  const withDatabase = async (work: (database: StoreUnderTest) => Promise<void>): Promise<void> => {
    const database = await create();
    try {
      await work(database);
    } finally {
      await database.dispose();
    }
  };
  const use: UseStore = (work) =>
    withDatabase(async ({ open }) => {
      const store = await open();
      try {
        await store.ensureOrganization({ id: organizationId, name: 'a', at: 1 });
        await work(store);
      } finally {
        await store.close();
      }
    });

  runKeyAndAccountTests(use);
  runSettlementTests(use);
  runPriceTests(use);

  test('store: a new wallet is unmetered unless configured, and a configured mode is applied later too', () =>
    use(async (store) => {
      await store.ensureOrganization({ id: otherOrganizationId, name: 'b', walletMode: 'prepaid', at: 1 });
      await store.ensureOrganization({ id: otherOrganizationId, name: 'b', at: 2 });
      const modes = async () => (await store.loadWallets()).map(({ mode }) => mode);
      assert.deepEqual(await modes(), ['unmetered', 'prepaid']);
      await store.ensureOrganization({ id: organizationId, name: 'a', walletMode: 'prepaid', at: 3 });
      assert.deepEqual(await modes(), ['prepaid', 'prepaid']);
    }));

  test('store: closing writes what waits', () =>
    withDatabase(async ({ open }) => {
      const store = await open();
      await store.ensureOrganization({ id: organizationId, name: 'a', at: 1 });
      const settled = Promise.all([
        store.settle(callRecord('qzc_1', 5)),
        store.settle(callRecord('qzc_2', 5)),
      ]);
      await store.close();
      await settled;
      await assert.rejects(store.settle(callRecord('qzc_3', 5)), RelayError);
      const again = await open();
      assert.equal((await again.recentCalls(organizationId, 10)).length, 2);
      await again.close();
    }));

  test('store: calls that a dead process left open become relay-died, those that ended do not', () =>
    withDatabase(async ({ open }) => {
      const store = await open();
      await store.ensureOrganization({ id: organizationId, name: 'a', at: 1 });
      store.markOpen('qzc_dead' as CallId, organizationId, 10);
      store.markOpen('qzc_done' as CallId, organizationId, 11);
      await store.putSetting('after', 'marks');
      await store.settle(callRecord('qzc_done', 5));
      assert.equal(await store.releaseDead(), 0, 'its own calls are alive');
      await store.topUp(organizationId, money(50), 'last', 12);
      await store.close();
      const next = await open();
      assert.equal(await next.releaseDead(), 1);
      assert.deepEqual(await next.audit(), []);
      assert.equal(await next.releaseDead(), 0);
      const dead = await next.findCall(organizationId, 'qzc_dead' as CallId);
      assert.deepEqual([dead?.outcome, dead?.startedAt, dead?.charge], ['relay-died', 10, 0n]);
      await next.settle(callRecord('qzc_next', 5));
      assert.deepEqual(await next.audit(), []);
      await next.close();
    }));

  test('store: a key made by another process is seen within a second', () =>
    withDatabase(async ({ open }) => {
      const server = await open();
      await server.ensureOrganization({ id: organizationId, name: 'a', at: 1 });
      const commandLine = await open();
      const changed = Promise.withResolvers<undefined>();
      const stop = server.watchChanges(() => changed.resolve(undefined));
      const began = performance.now();
      await commandLine.insertKey(fullKey);
      await changed.promise;
      assert.ok(performance.now() - began < 1_000);
      assert.deepEqual(await server.loadKeys(), [fullKey]);
      stop();
      await Promise.all([server.close(), commandLine.close()]);
    }));

  test('store: a healthy database has no problems and a size', () =>
    use(async (store) => {
      const { problems, bytes } = await store.integrity();
      assert.deepEqual(problems, []);
      assert.ok(bytes > 10_000);
    }));
}
