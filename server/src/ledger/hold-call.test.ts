import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPriceVersion } from '../domain/catalogue-json.ts';
import { RelayError } from '../domain/errors.ts';
import { toNanoUsd } from '../domain/money.ts';
import { holdCall } from './hold-call.ts';
import { createWallets } from './wallets.ts';
import type { CallId, OrganizationId } from '../domain/ids.ts';
import type { EstimateBasis } from './estimate.ts';

const organizationId = 'org_a' as OrganizationId;
/** One nano-USD a token on both sides. */
const version = readPriceVersion({
  id: 'v',
  model: 'm',
  validFrom: 0,
  prices: { input: '1000000', output: '1000000' },
});

function attempt(
  balance: number,
  envelope: Partial<EstimateBasis['envelope']> = {},
  mode: 'prepaid' | 'unmetered' = 'prepaid',
) {
  const wallets = createWallets([
    { organizationId, balance: toNanoUsd(BigInt(balance)), creditLine: toNanoUsd(0n), mode },
  ]);
  const basis: EstimateBasis = {
    version,
    facts: undefined,
    at: 0,
    expectedOutput: 1_024,
    envelope: {
      operation: 'generate',
      stream: false,
      inputEstimate: 1_000,
      maxOutputTokens: 2_000,
      choices: 1,
      features: new Set(),
      ...envelope,
    },
  };
  const held = holdCall(wallets, { principal: { organizationId }, callId: 'qzc_1' as CallId, basis });
  return { amount: held.hold.amount, lowered: held.loweredOutput, left: wallets.available(organizationId) };
}

const isRefused = (error: unknown): boolean =>
  error instanceof RelayError && error.code === 'insufficient_balance';

test('a call the wallet covers is held whole', () => {
  assert.deepEqual(attempt(3_000), { amount: 3_000n, lowered: undefined, left: 0n });
});

test('a unary call the wallet does not cover gets a lower output limit', () => {
  assert.deepEqual(attempt(2_999), { amount: 2_999n, lowered: 1_999, left: 0n });
  assert.deepEqual(attempt(1_256), { amount: 1_256n, lowered: 256, left: 0n });
});

test('not even 256 tokens of output is a refusal', () => {
  assert.throws(() => attempt(1_255), isRefused);
});

test('a stream is held by experience and never lowered', () => {
  assert.deepEqual(attempt(2_024, { stream: true }), { amount: 2_024n, lowered: undefined, left: 0n });
  assert.throws(() => attempt(2_023, { stream: true }), isRefused);
});

test('an embedding the wallet does not cover is refused', () => {
  assert.throws(() => attempt(999, { operation: 'embed' }), isRefused);
});

test('an unmetered wallet is never asked', () => {
  assert.deepEqual(attempt(0, {}, 'unmetered'), { amount: 3_000n, lowered: undefined, left: undefined });
});
