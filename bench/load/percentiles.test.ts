import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { median, percentile } from './percentiles.ts';

test('a percentile is the value at its nearest rank', () => {
  const values = [50, 15, 40, 20, 35];
  assert.equal(percentile(values, 0.05), 15);
  assert.equal(percentile(values, 0.3), 20);
  assert.equal(percentile(values, 0.5), 35);
  assert.equal(percentile(values, 1), 50);
});

test('no values have no percentile and no median', () => {
  assert.ok(Number.isNaN(percentile([], 0.5)));
  assert.ok(Number.isNaN(median([])));
});

test('the median of an even count is the mean of the middle two', () => {
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([9, 1, 5]), 5);
});

test('a percentile is one of the values, and at least its share of them is not above it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer(), { minLength: 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, share) => {
        const value = percentile(values, share);
        assert.ok(values.includes(value));
        assert.ok(values.filter((other) => other <= value).length >= share * values.length);
      },
    ),
  );
});
