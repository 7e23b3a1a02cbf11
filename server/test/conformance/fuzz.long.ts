import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runFuzz } from './fuzz/campaign.ts';

const seed = Number(process.env['TEST_SEED'] ?? 1);
const cases = 100_000;

test(`${cases} broken requests, answers and errors of seed ${seed} are answered as the protocol of the client demands`, () => {
  assert.deepEqual(runFuzz(seed, cases), []);
});
