import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { RelayError } from '../domain/errors.ts';
import { createKeyedHash } from '../platform/keyed-hash.ts';
import { isAddressRange, isAddressWithin } from './address-range.ts';
import { identify } from './identify.ts';
import { createKeyIndex } from './key-index.ts';
import { isWellFormedKey, mintRelayKey, previewOf } from './relay-key.ts';
import type { OrganizationId, RelayKeyId } from '../domain/ids.ts';
import type { RelayKeyRecord } from './principal.ts';

const hashKey = createKeyedHash(Buffer.alloc(32, 7));
const key = mintRelayKey((size) => randomBytes(size));

const recordOf = (rest: Partial<RelayKeyRecord> = {}): RelayKeyRecord => ({
  keyId: 'key_1' as RelayKeyId,
  organizationId: 'org_a' as OrganizationId,
  keyName: 'laptop',
  hash: hashKey(key),
  preview: previewOf(key),
  createdAt: 1,
  limits: {},
  isStrict: false,
  ...rest,
});

async function codeFor(
  record: RelayKeyRecord,
  caller: { key?: string | undefined; address?: string; now?: number } = {},
): Promise<string> {
  const index = await createKeyIndex({ store: { loadKeys: () => Promise.resolve([record]) }, hashKey });
  try {
    const asked = 'key' in caller ? caller.key : key;
    return identify(index, { key: asked, address: caller.address ?? '127.0.0.1', now: caller.now ?? 100 })
      .keyName;
  } catch (error) {
    if (error instanceof RelayError) return error.code;
    throw error;
  }
}

test('a key has the promised form and differs each time', () => {
  assert.match(key, /^sk-qz-[0-9A-Za-z]{46}$/);
  assert.ok(isWellFormedKey(key));
  const keys = new Set(Array.from({ length: 1_000 }, () => mintRelayKey((size) => randomBytes(size))));
  assert.equal(keys.size, 1_000);
  assert.equal(previewOf(key), key.slice(6, 12));
});

test('any one wrong character makes a key ill-formed', () => {
  for (let position = 0; position < key.length; position += 1) {
    const other = key[position] === 'x' ? 'y' : 'x';
    assert.equal(isWellFormedKey(key.slice(0, position) + other + key.slice(position + 1)), false);
  }
  for (const text of ['', 'sk-qz-', key.slice(1), `${key}0`, ` ${key}`, `${key}\n`]) {
    assert.equal(isWellFormedKey(text), false, JSON.stringify(text));
  }
});

test('every letter of a key is equally likely', () => {
  const counts = new Map<string, number>();
  for (let round = 0; round < 2_000; round += 1) {
    for (const letter of mintRelayKey((size) => randomBytes(size)).slice(6, 46)) {
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
  }
  assert.equal(counts.size, 62);
  // 80,000 letters, 1,290 of each on average, standard deviation 36: seven deviations either way.
  for (const count of counts.values()) assert.ok(count > 1_040 && count < 1_540, String(count));
});

test('a good key is its principal', async () => {
  assert.equal(await codeFor(recordOf()), 'laptop');
});

test('no key, an unknown key and a malformed key are told apart from a known one', async () => {
  assert.equal(await codeFor(recordOf(), { key: undefined }), 'missing_key');
  assert.equal(await codeFor(recordOf(), { key: '' }), 'missing_key');
  assert.equal(await codeFor(recordOf(), { key: 'sk-proj-abc' }), 'unknown_key');
  assert.equal(await codeFor(recordOf(), { key: mintRelayKey((size) => randomBytes(size)) }), 'unknown_key');
});

test('a key expires at its moment and not before', async () => {
  assert.equal(await codeFor(recordOf({ expiresAt: 101 })), 'laptop');
  assert.equal(await codeFor(recordOf({ expiresAt: 100 })), 'expired_key');
});

test('a disabled key is refused as disabled, also when it has expired', async () => {
  assert.equal(await codeFor(recordOf({ disabledAt: 50, expiresAt: 60 })), 'disabled_key');
});

test('a key is bound to its addresses', async () => {
  const record = recordOf({ allowedAddresses: ['10.1.0.0/16', '2001:db8::/32', '192.168.1.5'] });
  const asked = (address: string) => codeFor(record, { address });
  assert.equal(await asked('10.1.255.1'), 'laptop');
  assert.equal(await asked('::ffff:10.1.2.3'), 'laptop');
  assert.equal(await asked('2001:db8:1::7'), 'laptop');
  assert.equal(await asked('192.168.1.5'), 'laptop');
  for (const address of ['10.2.0.1', '192.168.1.6', '2001:db9::1', '::1', 'not an address', '']) {
    assert.equal(await asked(address), 'address_not_allowed', address);
  }
});

test('an empty address list allows nobody', async () => {
  assert.equal(await codeFor(recordOf({ allowedAddresses: [] })), 'address_not_allowed');
});

test('ranges are read strictly', () => {
  for (const range of ['10.0.0.1', '10.0.0.0/8', '0.0.0.0/0', '::/0', '2001:db8::1', '::ffff:10.0.0.0/104']) {
    assert.ok(isAddressRange(range), range);
  }
  for (const range of [
    '',
    '10.0.0',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '::/129',
    'a/8',
    '10.0.0.0/8/8',
    '10.0.0.0/0x8',
  ]) {
    assert.equal(isAddressRange(range), false, range);
    assert.equal(isAddressWithin('10.0.0.1', range), false, range);
  }
  assert.ok(isAddressWithin('10.9.9.9', '::ffff:10.0.0.0/104'));
  assert.equal(isAddressWithin('11.9.9.9', '::ffff:10.0.0.0/104'), false);
  assert.equal(isAddressWithin('::1', '0.0.0.0/0'), false);
});

test('a reload takes over new keys and forgets old ones', async () => {
  let records: readonly RelayKeyRecord[] = [];
  const index = await createKeyIndex({ store: { loadKeys: () => Promise.resolve(records) }, hashKey });
  assert.equal(index.find(key), undefined);
  records = [recordOf()];
  await index.reload();
  assert.equal(index.find(key)?.keyName, 'laptop');
  records = [];
  await index.reload();
  assert.equal(index.find(key), undefined);
});
