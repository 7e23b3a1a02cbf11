import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  either,
  findFaults,
  integerIn,
  list,
  nullable,
  object,
  oneOf,
  string,
  tagged,
  upTo,
} from './shape.ts';
import type { Shape } from './shape.ts';

function faultsOf(value: Parameters<typeof findFaults>[0], shape: Shape): readonly string[] {
  return findFaults(value, shape).map(({ path, reason }) => `${path} ${reason}`);
}

test('every fault of an object is found, fields nobody knows first', () => {
  const shape = object({ model: string, n: integerIn(1, 5) }, { stop: list(string, { maxItems: 1 }) });
  assert.deepEqual(faultsOf({ n: 9, stop: ['a', 'b'], other: 1 }, shape), [
    'other unknown',
    'model missing',
    'n above',
    'stop too-many',
  ]);
});

test('a null is a fault unless the field may be null', () => {
  assert.deepEqual(faultsOf(null, string), [' type']);
  assert.deepEqual(faultsOf(null, nullable(string)), []);
});

test('of several shapes the one of the same JSON type words the fault', () => {
  const shape = either(string, list(upTo(2)));
  assert.deepEqual(faultsOf(['abc'], shape), ['[0] too-long']);
  assert.deepEqual(faultsOf(5, shape), [' type']);
});

test('a tag chooses the shape, and an unknown tag is a wrong value', () => {
  const shape = list(tagged('type', { a: object({ type: string, size: oneOf('s') }) }));
  assert.deepEqual(faultsOf([{ type: 'a', size: 'x' }, { type: 'b' }, {}], shape), [
    '[0].size value',
    '[1].type value',
    '[2].type missing',
  ]);
});
