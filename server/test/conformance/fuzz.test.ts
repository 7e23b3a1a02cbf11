import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runFuzz } from './fuzz/campaign.ts';

test('broken requests, answers and errors are answered as the protocol of the client demands (a sample; npm run test:long does 100,000)', (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  assert.deepEqual(runFuzz(seed, 4_000), []);
});
