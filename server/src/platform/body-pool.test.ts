import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { createBodyPool } from './body-pool.ts';
import type { BodyLease } from './body-pool.ts';

test('a released buffer is used again, wiped', () => {
  const pool = createBodyPool(1 << 20);
  const first = pool.lease(5000);
  const { buffer } = first;
  buffer.fill(7);
  first.release();
  assert.equal(pool.keptBytes, buffer.length);
  const second = pool.lease(6000);
  assert.equal(second.buffer, buffer);
  assert.ok(second.buffer.every((byte) => byte === 0));
  assert.equal(pool.keptBytes, 0);
});

test('a second release does nothing', () => {
  const pool = createBodyPool(1 << 20);
  const lease = pool.lease(1);
  lease.release();
  lease.release();
  assert.notEqual(pool.lease(1).buffer, pool.lease(1).buffer);
});

test('growing keeps the used bytes and gives the smaller buffer back', () => {
  const pool = createBodyPool(1 << 20);
  const lease = pool.lease(4096);
  lease.buffer.write('hello');
  lease.grow(10_000, 5);
  assert.equal(lease.buffer.toString('latin1', 0, 5), 'hello');
  assert.ok(lease.buffer.length >= 10_000);
  assert.equal(pool.keptBytes, 4096);
  const { buffer } = lease;
  lease.grow(10_000, 5);
  assert.equal(lease.buffer, buffer);
  lease.release();
  assert.throws(() => lease.grow(1, 0));
});

test('no two leases share a buffer, each is large enough, and no more is kept than allowed', () => {
  const step = fc.record({ bytes: fc.nat({ max: 70_000 }), releases: fc.boolean(), which: fc.nat() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat({ max: 200_000 }), (steps, maxKeptBytes) => {
      const pool = createBodyPool(maxKeptBytes);
      const held: BodyLease[] = [];
      for (const { bytes, releases, which } of steps) {
        if (releases && held.length > 0) held.splice(which % held.length, 1)[0]?.release();
        else held.push(pool.lease(bytes));
        assert.ok(held.at(-1) === undefined || releases || (held.at(-1)?.buffer.length ?? 0) >= bytes);
        assert.equal(new Set(held.map(({ buffer }) => buffer)).size, held.length);
        assert.ok(pool.keptBytes <= maxKeptBytes);
      }
    }),
  );
});
