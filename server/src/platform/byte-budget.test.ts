import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createByteBudget } from './byte-budget.ts';

test('bytes are taken up to the limit and can be taken again once given back', () => {
  const budget = createByteBudget(100);
  assert.equal(budget.take(60), true);
  assert.equal(budget.take(41), false);
  assert.equal(budget.takenBytes, 60);
  assert.equal(budget.take(40), true);
  budget.give(60);
  assert.equal(budget.take(60), true);
  assert.equal(budget.take(1), false);
});

test('giving back more than was taken is a programmer error', () => {
  const budget = createByteBudget(100);
  budget.take(10);
  assert.throws(() => budget.give(11), RangeError);
});
