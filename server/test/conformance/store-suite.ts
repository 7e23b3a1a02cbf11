/**
 * What every durable store must do. An implementation has a test file of ten lines that calls `runStoreSuite`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPriceVersion } from '../../src/domain/catalogue-json.ts';
import { RelayError } from '../../src/domain/errors.ts';
import { toNanoUsd } from '../../src/domain/money.ts';
import { noUsage } from '../../src/domain/usage.ts';
import { callRecord, organizationId, otherOrganizationId } from './store/call-fixture.ts';
import type { CallId, RelayKeyId, UpstreamAccountId } from '../../src/domain/ids.ts';
import type { RelayKeyRecord } from '../../src/access/principal.ts';
import type { CallRecord } from '../../src/ledger/call-record.ts';
import type { UpstreamAccountRecord } from '../../src/routing/account.ts';
import type { Store } from '../../src/store/open-store.ts';

/** One database that outlives its openings; `open` twice is two processes' view of it. */
export interface StoreUnderTest {
  readonly open: () => Promise<Store>;
  readonly dispose: () => Promise<void>;
}

const money = (value: number) => toNanoUsd(BigInt(value));

const fullKey: RelayKeyRecord = {
  keyId: 'key_1' as RelayKeyId,
  organizationId,
  keyName: 'laptop',
  hash: 'aa11',
  preview: 'Ab3dE6',
  createdAt: 5,
  expiresAt: 99,
  allowedModels: ['gpt-4*', 'o3'],
  allowedAddresses: ['10.0.0.0/8'],
  limits: { requestsPerMinute: 10, tokensPerMinute: 1_000, concurrency: 2 },
  isStrict: true,
};
const bareKey: RelayKeyRecord = {
  keyId: 'key_2' as RelayKeyId,
  organizationId,
  keyName: 'bare',
  hash: 'bb22',
  preview: 'Zz9yX8',
  createdAt: 6,
  limits: {},
  isStrict: false,
};
const account: UpstreamAccountRecord = {
  id: 'acc_1' as UpstreamAccountId,
  name: 'main',
  kind: 'openai-compatible',
  preset: 'ollama',
  baseUrl: 'http://127.0.0.1:1',
  sealedCredential: new Uint8Array([1, 2, 3]),
  models: ['llama'],
  modelMap: { fast: 'llama' },
  sealedProxy: new Uint8Array([9]),
  region: 'eu',
  priority: 10,
  unpriced: 'free',
  createdAt: 7,
};

function runKeyAndAccountTests(use: (work: (store: Store) => Promise<void>) => Promise<void>): void {
  test('store: keys come back as they were put, absent fields absent', () =>
    use(async (store) => {
      await store.insertKey(fullKey);
      await store.insertKey(bareKey);
      assert.deepEqual(await store.loadKeys(), [fullKey, bareKey]);
      assert.deepEqual(await store.listKeys(otherOrganizationId), []);
    }));

  test('store: a key is disabled by its own organization only, and stays disabled since the first time', () =>
    use(async (store) => {
      await store.insertKey(bareKey);
      assert.equal(await store.disableKey(otherOrganizationId, bareKey.keyId, 50), false);
      assert.equal(await store.disableKey(organizationId, bareKey.keyId, 60), true);
      assert.equal(await store.disableKey(organizationId, bareKey.keyId, 70), true);
      assert.deepEqual(await store.listKeys(organizationId), [{ ...bareKey, disabledAt: 60 }]);
    }));

  test('store: accounts come back as they were put and leave when removed', () =>
    use(async (store) => {
      await store.insertAccount(account);
      assert.deepEqual(await store.loadAccounts(), [account]);
      assert.equal(await store.removeAccount(account.id), true);
      assert.equal(await store.removeAccount(account.id), false);
      assert.deepEqual(await store.loadAccounts(), []);
      await store.insertAccount({ ...account, id: 'acc_2' as UpstreamAccountId });
    }));

  test('store: settings are kept and replaced', () =>
    use(async (store) => {
      assert.equal(await store.setting('a'), undefined);
      await store.putSetting('a', '1');
      await store.putSetting('a', '2');
      assert.equal(await store.setting('a'), '2');
    }));
}

function runSettlementTests(use: (work: (store: Store) => Promise<void>) => Promise<void>): void {
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

function runPriceTests(use: (work: (store: Store) => Promise<void>) => Promise<void>): void {
  const version = (id: string, model: string, validFrom: number) =>
    readPriceVersion({
      id,
      model,
      validFrom,
      prices: { input: '3000000000', output: '15000000000' },
      contextTiers: [{ aboveInputTokens: 10, prices: { input: '6' } }],
      serviceTierPerMille: { flex: 500 },
      webSearch: '10',
    });

  test('store: prices are appended once and come back whole', () =>
    use(async (store) => {
      const file = [version('a@1', 'a', 0), version('a@2', 'a', 9_000), version('b@1', 'b', 0)];
      assert.equal(await store.appendPrices(file, 'catalogue', 100), 3);
      assert.equal(await store.appendPrices(file, 'catalogue', 200), 0);
      assert.deepEqual(await store.loadPrices(), file);
    }));

  test('store: a newer catalogue price counts from now on, never for the past', () =>
    use(async (store) => {
      await store.appendPrices([version('a@1', 'a', 0)], 'catalogue', 100);
      const corrected = [version('a@2', 'a', 0), version('a@3', 'a', 9_000), version('c@1', 'c', 0)];
      assert.equal(await store.appendPrices(corrected, 'catalogue', 500), 3);
      const dates = (await store.loadPrices()).map(({ id, validFrom }) => [id, validFrom]);
      assert.deepEqual(dates, [
        ['a@1', 0],
        ['a@2', 500],
        ['a@3', 9_000],
        ['c@1', 0],
      ]);
    }));

  test("store: the operator's own price is left alone by the catalogue", () =>
    use(async (store) => {
      await store.appendPrices([version('own', 'a', 50)], 'operator', 100);
      assert.equal(
        await store.appendPrices([version('a@1', 'a', 0), version('b@1', 'b', 0)], 'catalogue', 200),
        1,
      );
      assert.deepEqual(
        (await store.loadPrices()).map(({ id }) => id),
        ['own', 'b@1'],
      );
    }));
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
  const use = (work: (store: Store) => Promise<void>): Promise<void> =>
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
