import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createIdSource } from './id-source.ts';
import { createKeyedHash } from './keyed-hash.ts';

test('an id has its prefix and 26 characters of Crockford base32', () => {
  const ids = createIdSource({ now: () => 1_795_000_000_000, randomBytes: (size) => randomBytes(size) });
  assert.match(ids.next('call'), /^qzc_[0-9A-HJKMNP-TV-Z]{26}$/);
  assert.match(ids.next('upstreamAccount'), /^acc_[0-9A-HJKMNP-TV-Z]{26}$/);
});

test('ids sort by the time of their making', () => {
  let now = 1_795_000_000_000;
  const ids = createIdSource({ now: () => (now += 7), randomBytes: (size) => randomBytes(size) });
  const made = Array.from({ length: 1_000 }, () => ids.next('call') as string);
  assert.deepEqual(made.toSorted(), made);
});

test('ids of one millisecond all differ, over the edge of the random pool', () => {
  const ids = createIdSource({ now: () => 5, randomBytes: (size) => randomBytes(size) });
  const made = new Set(Array.from({ length: 10_000 }, () => ids.next('call')));
  assert.equal(made.size, 10_000);
});

test('a keyed hash depends on its secret and wants a long one', () => {
  const text = 'sk-qz-x';
  const one = createKeyedHash(Buffer.alloc(32, 1));
  assert.equal(one(text), one(text));
  assert.notEqual(one(text), createKeyedHash(Buffer.alloc(32, 2))(text));
  assert.match(one(text), /^[0-9a-f]{64}$/);
  assert.throws(() => createKeyedHash(Buffer.alloc(31)), /at least 32 bytes/);
});
