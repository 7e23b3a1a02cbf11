import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { changeMembers } from './json-members.ts';

const changed = (text: string, changes: Readonly<Record<string, unknown>>): string =>
  changeMembers(Buffer.from(text), changes).toString();

test('members are set, added and removed, and nothing else moves', () => {
  assert.equal(changed('{ "a" : 1, "b":[ 2 ] }', { a: 'x' }), '{ "a" : "x", "b":[ 2 ] }');
  assert.equal(changed('{ "b":[ 2 ] }', { a: true }), '{"a":true, "b":[ 2 ] }');
  assert.equal(changed('{}', { a: 1, b: 2 }), '{"a":1,"b":2}');
  assert.equal(changed('{ "a" : 1, "b": 2 }', { a: undefined }), '{ "b": 2 }');
  assert.equal(changed('{"a":1 , "b": 2 }', { b: undefined }), '{"a":1  }');
  assert.equal(changed('{"a":{"b":1}}', { b: undefined }), '{"a":{"b":1}}');
  assert.equal(changed('{"a":1}', { a: undefined, b: 2 }), '{"b":2}');
});

test('whatever is set and removed, the object reads as an object so changed', () => {
  const names = ['a', 'b', 'c', 'd', 'e'] as const;
  const object = fc.dictionary(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 2 }));
  const changes = fc.dictionary(fc.constantFrom(...names), fc.option(fc.integer(), { nil: undefined }));
  fc.assert(
    fc.property(object, changes, fc.constantFrom(0, 2), (before, wish, indent) => {
      const expected = new Map(Object.entries(before));
      for (const [name, value] of Object.entries(wish)) {
        if (value === undefined) expected.delete(name);
        else expected.set(name, value);
      }
      const text = changed(JSON.stringify(before, undefined, indent), wish);
      const found = JSON.parse(text) as object;
      assert.deepEqual(found, JSON.parse(JSON.stringify(Object.fromEntries(expected))));
    }),
  );
});
