import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { checkChunking } from './laws/chunking.ts';
import { checkFold } from './laws/fold-law.ts';
import {
  fixtureMaterial,
  hasRecordings,
  recordedMaterial,
  recordingsFolder,
  type Material,
} from './laws/material.ts';
import { checkMeter } from './laws/meter-law.ts';
import { checkLosses, checkRoundTrip } from './laws/request-laws.ts';

/** A sample of the splits; `laws.long.ts` does them all. */
const effort = { everyByteUpTo: 1_500, randomSplits: 8, seed: Date.now() % 1_000_000 };

function checkLaws(material: Material): void {
  const { answers, requests } = material;
  const streams = answers.filter(({ isStream }) => isStream);

  test(`round trip: ${requests.length} requests encode to a normal form that stays`, () => {
    for (const request of requests) checkRoundTrip(request);
  });

  test(`losses: ${requests.length} requests encode the same twice for every upstream, each loss documented`, () => {
    for (const request of requests) checkLosses(request);
  });

  test(`fold: ${answers.length} answers say the same streamed and whole, to clients of all four protocols`, () => {
    for (const answer of answers) checkFold(answer);
  });

  test(`meter: passing ${answers.length} answers through meters what decoding finds`, () => {
    for (const answer of answers) checkMeter(answer);
  });

  test(`chunking: ${streams.length} streams give the same bytes however they are split`, (t) => {
    t.diagnostic(`seed ${effort.seed}`);
    for (const stream of streams) checkChunking(stream, effort);
  });
}

suite('the laws over our fixtures', () => {
  const material = fixtureMaterial();
  assert.ok(material.answers.length > 20 && material.requests.length > 8);
  checkLaws(material);
});

suite('the laws over recordings of real providers', () => {
  if (hasRecordings) checkLaws(recordedMaterial());
  else
    test('recordings', (t) =>
      t.skip(`there is no folder ${recordingsFolder} (RECORDINGS_DIR): left out, not passed`));
});
