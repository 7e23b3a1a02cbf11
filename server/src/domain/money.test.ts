import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addNanoUsd,
  formatUsd,
  lineMicroNano,
  negateNanoUsd,
  parseUsd,
  roundCharge,
  toNanoUsd,
} from './money.ts';

test('amounts are written as exact decimals', () => {
  assert.equal(formatUsd(toNanoUsd(1_500_000_000n)), '1.5');
  assert.equal(formatUsd(toNanoUsd(1n)), '0.000000001');
  assert.equal(formatUsd(toNanoUsd(-20_000_000n)), '-0.02');
  assert.equal(formatUsd(toNanoUsd(0n)), '0');
});

test('reading what was written gives the same amount', () => {
  const amounts = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
  fc.assert(
    fc.property(amounts, (amount) => {
      assert.equal(parseUsd(formatUsd(toNanoUsd(amount))), amount);
    }),
  );
});

test('what is not a decimal of at most nine places is not an amount', () => {
  for (const text of ['', '1.', '.5', '1e3', '0x10', '1.0000000001', 'NaN', '1,5', '--1']) {
    assert.equal(parseUsd(text), undefined, text);
  }
});

test('a sum less its own negative is zero', () => {
  const amount = toNanoUsd(123n);
  assert.equal(addNanoUsd(amount, negateNanoUsd(amount)), 0n);
});

test('tokens by price stay exact until the one rounding', () => {
  assert.equal(lineMicroNano(3, toNanoUsd(7n)), 21n);
  assert.equal(roundCharge(499_999n), 0n);
  assert.equal(roundCharge(500_000n), 1n);
  assert.equal(roundCharge(1_499_999n), 1n);
});
