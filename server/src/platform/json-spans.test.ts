import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applySplices } from './json-scan.ts';
import { cutItems, elementsOf, memberOf, membersOf, stringAt } from './json-spans.ts';

const whole = (bytes: Buffer): { start: number; end: number } => ({ start: 0, end: bytes.length });
const spaces = fc.constantFrom(undefined, 1, '\t');

test('the spans of elements and members are the values that a parser reads', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), spaces, (values, space) => {
      const bytes = Buffer.from(JSON.stringify(values, null, space));
      const read = elementsOf(bytes, whole(bytes)).map(
        ({ start, end }) => JSON.parse(bytes.toString('utf8', start, end)) as unknown,
      );
      assert.deepEqual(read, JSON.parse(bytes.toString()));
    }),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), spaces, (value, space) => {
      const bytes = Buffer.from(JSON.stringify(value, null, space));
      const read = membersOf(bytes, whole(bytes)).map(({ key, start, end }) => [
        key,
        JSON.parse(bytes.toString('utf8', start, end)) as unknown,
      ]);
      assert.deepEqual(read, Object.entries(JSON.parse(bytes.toString()) as object));
    }),
  );
});

test('what is left after cutting elements out is the list without them', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.jsonValue(), fc.boolean())), spaces, (pairs, space) => {
      const bytes = Buffer.from(
        JSON.stringify(
          pairs.map(([value]) => value),
          null,
          space,
        ),
      );
      const cuts = cutItems(elementsOf(bytes, whole(bytes)), (at) => pairs[at]?.[1] === true);
      const left = Buffer.concat(
        applySplices(
          bytes,
          cuts.map((cut) => ({ ...cut, bytes: Buffer.alloc(0) })),
        ),
      );
      const kept = pairs.filter(([, isCut]) => !isCut).map(([value]) => value);
      assert.deepEqual(JSON.parse(left.toString()), JSON.parse(JSON.stringify(kept)));
    }),
  );
});

test('a member is found by its key however the key is spelled, and the last of two counts', () => {
  const bytes = Buffer.from('{"a" : 1, "\\u0062":"x" ,"a":"y\\n"}');
  assert.equal(stringAt(bytes, memberOf(bytes, whole(bytes), 'b')), 'x');
  assert.equal(stringAt(bytes, memberOf(bytes, whole(bytes), 'a')), 'y\n');
  assert.equal(memberOf(bytes, whole(bytes), 'c'), undefined);
});
