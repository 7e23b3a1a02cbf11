import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RelayError } from '../domain/errors.ts';
import { createTokenCache } from './token-cache.ts';

interface Bench {
  now: number;
  fetched: number;
  failing: boolean;
  lifeMs: number;
}

function benchOf(): { bench: Bench; cache: ReturnType<typeof createTokenCache> } {
  const bench: Bench = { now: 1_000_000, fetched: 0, failing: false, lifeMs: 3_600_000 };
  const cache = createTokenCache({
    now: () => bench.now,
    async fetchToken() {
      bench.fetched += 1;
      if (bench.failing) throw new RelayError('upstream_connection');
      return { value: `token-${bench.fetched}`, expiresAt: bench.now + bench.lifeMs };
    },
  });
  return { bench, cache };
}

test('a token is fetched once for all who wait, and then is at hand without waiting', async () => {
  const { bench, cache } = benchOf();
  assert.deepEqual(await Promise.all([cache.current(), cache.current()]), ['token-1', 'token-1']);
  bench.now += 3_000_000;
  assert.equal(cache.current(), 'token-1');
  assert.equal(bench.fetched, 1);
});

test('near its end a token is renewed while the old one goes on', async () => {
  const { bench, cache } = benchOf();
  await cache.current();
  bench.now += 3_600_000 - 200_000;
  assert.equal(cache.current(), 'token-1');
  assert.equal(cache.current(), 'token-1');
  assert.equal(bench.fetched, 2);
  await Promise.resolve();
  await new Promise<void>((resolve) => void setImmediate(resolve));
  assert.equal(cache.current(), 'token-2');
});

test('a renewal that fails is tried again later, and told only when the token has ended', async () => {
  const { bench, cache } = benchOf();
  await cache.current();
  bench.failing = true;
  bench.now += 3_600_000 - 200_000;
  assert.equal(cache.current(), 'token-1');
  await new Promise<void>((resolve) => void setImmediate(resolve));
  assert.equal(cache.current(), 'token-1');
  assert.equal(bench.fetched, 2);
  bench.now += 20_000;
  assert.equal(cache.current(), 'token-1');
  assert.equal(bench.fetched, 3);
  await new Promise<void>((resolve) => void setImmediate(resolve));
  bench.now += 200_000;
  await assert.rejects(async () => cache.current(), RelayError);
  bench.failing = false;
  assert.equal(await cache.current(), 'token-5');
});

test('a refused token is forgotten, but not the one that came after it', async () => {
  const { cache } = benchOf();
  await cache.current();
  cache.renew('token-1');
  assert.equal(await cache.current(), 'token-2');
  cache.renew('token-1');
  assert.equal(cache.current(), 'token-2');
});

test('tokens that live only minutes are used for most of their life', async () => {
  const { bench, cache } = benchOf();
  bench.lifeMs = 120_000;
  await cache.current();
  bench.now += 80_000;
  assert.equal(cache.current(), 'token-1');
  assert.equal(bench.fetched, 1);
  bench.now += 15_000;
  assert.notEqual(typeof cache.current(), 'string');
});
