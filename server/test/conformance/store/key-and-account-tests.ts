import assert from 'node:assert/strict';
import { test } from 'node:test';
import { organizationId, otherOrganizationId } from './call-fixture.ts';
import type { UseStore } from './use-store.ts';
import type { UpstreamAccountId } from '../../../src/domain/ids.ts';
import { account, bareKey, fullKey } from './record-fixtures.ts';

export function runKeyAndAccountTests(use: UseStore): void {
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
