import { suite, test } from 'node:test';
import { checkChunking } from './laws/chunking.ts';
import { fixtureMaterial, hasRecordings, recordedMaterial } from './laws/material.ts';

/** Every byte of small streams, thousands of random splits of each: minutes, so not among the daily tests. */
const effort = {
  everyByteUpTo: 8_192,
  randomSplits: 1_000,
  seed: Number(process.env['TEST_SEED'] ?? 1),
};

suite('the chunking law at length', () => {
  for (const { answers } of [fixtureMaterial(), ...(hasRecordings ? [recordedMaterial()] : [])]) {
    for (const answer of answers.filter(({ isStream }) => isStream)) {
      test(`${answer.id} gives the same bytes however it is split`, () => checkChunking(answer, effort));
    }
  }
});
