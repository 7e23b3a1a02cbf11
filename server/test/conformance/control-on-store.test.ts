/** The use cases of the control plane on a real database. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { identify } from '../../src/access/identify.ts';
import { createKeyIndex } from '../../src/access/key-index.ts';
import { addAccount, credentialPlace, proxyPlace } from '../../src/control/add-account.ts';
import { defaultOrganizationId, ensureDefaultOrganization } from '../../src/control/default-organization.ts';
import { findCall } from '../../src/control/find-call.ts';
import { mintKey } from '../../src/control/mint-key.ts';
import { removeAccount } from '../../src/control/remove-account.ts';
import { revokeKey } from '../../src/control/revoke-key.ts';
import { topUp } from '../../src/control/top-up.ts';
import { usageReport } from '../../src/control/usage-report.ts';
import { readCatalogue } from '../../src/domain/catalogue-json.ts';
import { RelayError } from '../../src/domain/errors.ts';
import { toNanoUsd } from '../../src/domain/money.ts';
import { noUsage } from '../../src/domain/usage.ts';
import { attoOf } from '../../src/ledger/charge.ts';
import { hold } from '../../src/ledger/hold.ts';
import { createPriceBook } from '../../src/ledger/price-book.ts';
import { createSettler, settle } from '../../src/ledger/settle.ts';
import { createSettlementPolicy } from '../../src/ledger/settlement-policy.ts';
import { createWallets } from '../../src/ledger/wallets.ts';
import { createIdSource } from '../../src/platform/id-source.ts';
import { createKeyedHash } from '../../src/platform/keyed-hash.ts';
import { createSecretBox } from '../../src/platform/secret-box.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { CallId, OrganizationId } from '../../src/domain/ids.ts';
import type { CallResult } from '../../src/ledger/call-charge.ts';
import type { Store } from '../../src/store/open-store.ts';

const now = () => Date.parse('2026-11-22T12:00:00Z');
const random = (size: number) => randomBytes(size);
const ids = createIdSource({ now, randomBytes: random });
const hashKey = createKeyedHash(Buffer.alloc(32, 3));
const box = createSecretBox({ keys: [{ id: 'm1', key: Buffer.alloc(32, 4) }], randomBytes: random });
const catalogue = readCatalogue(
  JSON.parse(readFileSync(new URL('../../catalogue/models.json', import.meta.url), 'utf8')),
);
const isCode = (code: string) => (error: unknown) => error instanceof RelayError && error.code === code;

async function use(work: (store: Store, folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'qingzhou-control-'));
  const store = await openStore({ path: join(folder, 'qingzhou.db'), now });
  try {
    await ensureDefaultOrganization({ store, now });
    await work(store, folder);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
}

const contentOf = (folder: string): Buffer =>
  Buffer.concat(['qingzhou.db', 'qingzhou.db-wal'].map((name) => readFileSync(join(folder, name))));

test('a minted key identifies its caller until it is revoked, and is nowhere in the files', () =>
  use(async (store, folder) => {
    const { key, record } = await mintKey(
      { store, ids, now, randomBytes: random, hashKey },
      { organizationId: defaultOrganizationId, name: 'laptop', allowedAddresses: ['127.0.0.0/8'] },
    );
    const index = await createKeyIndex({ store, hashKey });
    const caller = { key, address: '127.0.0.1', now: now() };
    assert.equal(identify(index, caller).keyId, record.keyId);
    assert.equal(contentOf(folder).includes(key), false);
    assert.equal(contentOf(folder).includes(record.hash), true);
    assert.equal(await revokeKey({ store, now }, 'org_other' as OrganizationId, record.keyId), false);
    assert.equal(await revokeKey({ store, now }, defaultOrganizationId, record.keyId), true);
    await index.reload();
    assert.throws(() => identify(index, caller), isCode('disabled_key'));
  }));

test('a key that makes no sense is refused with the field at fault', () =>
  use(async (store) => {
    const mint = (wish: object) =>
      mintKey(
        { store, ids, now, randomBytes: random, hashKey },
        { organizationId: defaultOrganizationId, name: 'k', ...wish },
      );
    const wishes = [
      { name: ' ' },
      { expiresAt: now() },
      { allowedAddresses: ['10.0.0.0/99'] },
      { limits: { concurrency: 0 } },
    ];
    for (const wish of wishes) await assert.rejects(mint(wish), isCode('invalid_request'));
    assert.deepEqual(await store.loadKeys(), []);
  }));

test('an account keeps its secrets sealed, opens them in place, and loses them when removed', () =>
  use(async (store, folder) => {
    const wish = {
      name: 'main',
      kind: 'openai',
      credential: 'sk-upstream-canary',
      proxy: 'http://u:proxy-canary@p:1',
    };
    await addAccount({ store, ids, now, box }, wish);
    const [account] = await store.loadAccounts();
    assert.ok(account?.sealedProxy !== undefined);
    assert.equal(box.open(account.sealedCredential, credentialPlace(account.id)), wish.credential);
    assert.equal(box.open(account.sealedProxy, proxyPlace(account.id)), wish.proxy);
    assert.equal(contentOf(folder).includes('canary'), false);
    await assert.rejects(addAccount({ store, ids, now, box }, wish), isCode('invalid_request'));
    assert.equal(await removeAccount({ store }, 'other'), undefined);
    assert.equal((await removeAccount({ store }, 'main'))?.id, account.id);
    assert.deepEqual(await store.loadAccounts(), []);
  }));

test('a top-up gives the wallet as it is afterwards', () =>
  use(async (store) => {
    const wish = {
      organizationId: defaultOrganizationId,
      amount: toNanoUsd(5_000_000_000n),
      reference: 'r1',
    };
    assert.equal((await topUp({ store, now }, wish)).balance, 5_000_000_000n);
    assert.equal((await topUp({ store, now }, wish)).balance, 5_000_000_000n);
    await assert.rejects(
      topUp({ store, now }, { ...wish, amount: toNanoUsd(0n) }),
      isCode('invalid_request'),
    );
  }));

test('hold, settle, find and report agree to the last nano-USD', () =>
  use(async (store) => {
    await store.appendPrices(catalogue.prices, 'catalogue', now());
    await ensureDefaultOrganization({ store, now }, 'prepaid');
    await topUp(
      { store, now },
      { organizationId: defaultOrganizationId, amount: toNanoUsd(10n ** 9n), reference: 'r' },
    );
    const prices = createPriceBook(catalogue.models, await store.loadPrices());
    const wallets = createWallets(await store.loadWallets());
    const settler = createSettler({
      store,
      prices,
      policy: createSettlementPolicy({ upstreamFault: 'charge' }),
      onTrouble: ({ kind }) => assert.fail(kind),
    });
    const calls = Array.from({ length: 50 }, (_, index): CallResult => {
      const usage = {
        ...noUsage,
        input: 11 + index,
        cacheRead: 1_000,
        cacheWrite5m: 7,
        output: 3 * index,
        webSearches: 1,
      };
      const accountId = ids.next('upstreamAccount');
      const model = 'claude-sonnet-4-0';
      return {
        callId: ids.next('call'),
        organizationId: defaultOrganizationId,
        keyId: ids.next('relayKey'),
        startedAt: now(),
        durationMs: 1,
        protocol: 'p',
        operation: 'generate',
        offeredModel: model,
        isStream: false,
        outcome: index % 10 === 9 ? 'abandoned' : 'success',
        status: 200,
        attempts: [
          { accountId, upstreamModel: model, startedAt: now(), durationMs: 1, result: 'delivered', usage },
        ],
        usage,
        usageSource: 'reported',
        flags: [],
      };
    });
    const records = await Promise.all(
      calls.map((call) => {
        const principal = { organizationId: defaultOrganizationId };
        const held = hold(wallets, { principal, estimate: toNanoUsd(15_000_000n), callId: call.callId });
        return settle(settler, held, call);
      }),
    );
    const charged = records.reduce((sum, { charge }) => sum + charge, 0n);
    assert.ok(charged > 0n);
    for (const { callId, charge } of records) {
      const receipt = await findCall({ store, prices }, defaultOrganizationId, callId);
      const lines = receipt.lines.reduce((sum, { amount }) => sum + amount, 0n);
      assert.equal(lines + receipt.notCharged, attoOf(charge));
      assert.equal(receipt.notCharged === 0n, receipt.record.outcome === 'success');
    }
    const query = {
      organizationId: defaultOrganizationId,
      from: 0,
      to: now() + 1,
      groupBy: 'model',
    } as const;
    const report = await usageReport({ store }, query);
    assert.deepEqual([report.total.calls, report.total.charge], [50, charged]);
    assert.equal(wallets.held(defaultOrganizationId), 0n);
    assert.equal(wallets.available(defaultOrganizationId), 10n ** 9n - charged);
    assert.equal((await store.loadWallets())[0]?.balance, 10n ** 9n - charged);
    assert.deepEqual(await store.audit(), []);
    await assert.rejects(
      findCall({ store, prices }, defaultOrganizationId, 'qzc_none' as CallId),
      isCode('call_not_found'),
    );
  }));
