import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readPriceVersion } from '../domain/catalogue-json.ts';
import { formatUsd, toNanoUsd } from '../domain/money.ts';
import { noUsage } from '../domain/usage.ts';
import { chargeOf } from './charge.ts';
import { affordableOutput, estimateCall, outputAmount } from './estimate.ts';
import { createOutputLearner } from './output-learner.ts';
import type { OrganizationId } from '../domain/ids.ts';
import type { EstimateBasis } from './estimate.ts';

const version = readPriceVersion({
  id: 'v',
  model: 'm',
  validFrom: 0,
  prices: { input: '2000000000', output: '10000000000', cacheWrite5m: '2500000000' },
});
const facts = {
  id: 'm',
  provider: 'p',
  aliases: [],
  contextWindow: 128_000,
  maxOutput: 16_000,
  inputModalities: ['text'],
  outputModalities: ['text'],
};
const basis = (
  envelope: Partial<EstimateBasis['envelope']> = {},
  rest: Partial<EstimateBasis> = {},
): EstimateBasis => ({
  version,
  facts,
  at: 0,
  expectedOutput: 1_024,
  ...rest,
  envelope: {
    operation: 'generate',
    stream: false,
    inputEstimate: 1_000,
    choices: 1,
    features: new Set(),
    ...envelope,
  },
});

test('a unary call holds up to its own output limit', () => {
  const estimate = estimateCall(basis({ maxOutputTokens: 500 }));
  // 1,000 at the dearest input price of 2.5 and 500 at 10
  assert.equal(formatUsd(estimate.amount), '0.0075');
});

test('without a limit of its own a unary call holds the most the model gives', () => {
  assert.equal(estimateCall(basis()).outputTokens, 16_000);
  assert.equal(estimateCall(basis({ maxOutputTokens: 99_000 })).outputTokens, 16_000);
});

test('a stream holds what answers usually need, and never more than its limit', () => {
  assert.equal(estimateCall(basis({ stream: true }, { expectedOutput: 3_000 })).outputTokens, 3_000);
  assert.equal(estimateCall(basis({ stream: true, maxOutputTokens: 200 })).outputTokens, 200);
});

test('parallel answers multiply the output', () => {
  assert.equal(estimateCall(basis({ maxOutputTokens: 100, choices: 4 })).outputTokens, 400);
});

test('an embedding holds no output', () => {
  const estimate = estimateCall(basis({ operation: 'embed' }));
  assert.deepEqual([estimate.outputTokens, formatUsd(estimate.amount)], [0, '0.0025']);
});

test('a model served at no charge holds nothing', () => {
  assert.equal(estimateCall(basis({}, { version: undefined })).amount, 0n);
});

test('the output limit sinks to what the wallet can pay, and never under 256 tokens', () => {
  const input = 2_500_000n;
  const affordable = (tokens: bigint) =>
    affordableOutput(basis({ maxOutputTokens: 4_000 }), toNanoUsd(input + tokens * 10_000n));
  assert.equal(affordable(5_000n), 4_000);
  assert.equal(affordable(4_000n), 4_000);
  assert.equal(affordable(3_999n), 3_999);
  assert.equal(affordable(256n), 256);
  assert.equal(affordable(255n), undefined);
  assert.equal(affordableOutput(basis(), toNanoUsd(1n)), undefined);
});

test('a call that asks for fewer than 256 tokens is affordable by its own limit', () => {
  assert.equal(affordableOutput(basis({ maxOutputTokens: 10 }), toNanoUsd(2_600_000n)), 10);
});

test('the lowered call fits into the wallet it was lowered for', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 200_000_000n), fc.integer({ min: 1, max: 4 }), (available, choices) => {
      const asked = basis({ choices, maxOutputTokens: 16_000 });
      const limit = affordableOutput(asked, toNanoUsd(available));
      if (limit === undefined) return;
      const lowered = estimateCall(basis({ choices, maxOutputTokens: limit }));
      assert.ok(lowered.amount <= available);
    }),
  );
});

test('the estimate is never below the charge of a usage within it', () => {
  const count = fc.nat(5_000);
  fc.assert(
    fc.property(count, count, count, (input, cacheWrite5m, output) => {
      const estimate = estimateCall(basis({ inputEstimate: input + cacheWrite5m, maxOutputTokens: output }));
      const { total } = chargeOf({ ...noUsage, input, cacheWrite5m, output }, version, 0);
      assert.ok(estimate.amount >= total);
    }),
  );
});

test('a step of output costs its tokens at the output price', () => {
  assert.equal(formatUsd(outputAmount(basis(), 1_000)), '0.01');
});

const organization = 'org_a' as OrganizationId;

test('the learner expects at least 1,024 tokens', () => {
  const learner = createOutputLearner();
  assert.equal(learner.expect(organization, 'm'), 1_024);
  for (let count = 0; count < 50; count += 1) learner.observe(organization, 'm', 10);
  assert.equal(learner.expect(organization, 'm'), 1_024);
});

test('the learner covers nine answers of ten and follows a change', () => {
  const learner = createOutputLearner();
  for (let count = 0; count < 100; count += 1)
    learner.observe(organization, 'm', count < 92 ? 4_000 : 30_000);
  const expected = learner.expect(organization, 'm');
  assert.ok(expected >= 4_000 && expected < 6_000, String(expected));
  for (let count = 0; count < 2_000; count += 1) learner.observe(organization, 'm', 300);
  assert.equal(learner.expect(organization, 'm'), 1_024);
});

test('the learner keeps organizations and models apart and forgets the least recent', () => {
  const learner = createOutputLearner(2);
  learner.observe(organization, 'a', 9_000);
  learner.observe(organization, 'b', 9_000);
  learner.observe(organization, 'a', 9_000);
  learner.observe(organization, 'c', 9_000);
  assert.ok(learner.expect(organization, 'a') >= 9_000);
  assert.equal(learner.expect(organization, 'b'), 1_024);
  assert.equal(learner.expect('org_b' as OrganizationId, 'a'), 1_024);
});
