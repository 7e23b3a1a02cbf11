import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../engine/simulated-call.ts';
import { checkFunctionSchema, checkStrictSchema } from './strict-schema.ts';

const place = { owner: "function 'f'", param: 'tools[0].function.parameters' };
const closed = (properties: JsonObject): JsonObject => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

test('strict schemas are checked at every depth', () => {
  const open: JsonObject = { type: 'object', properties: {} };
  const places: readonly (readonly [JsonObject, RegExp])[] = [
    [closed({ a: open }), /In context=\('properties', 'a'\), 'additionalProperties'/u],
    [
      closed({ a: { type: 'array', items: open } }),
      /\('properties', 'a', 'items'\), 'additionalProperties'/u,
    ],
    [closed({ a: { anyOf: [{ type: 'null' }, open] } }), /\('properties', 'a', 'anyOf', '1'\)/u],
    [{ ...closed({}), $defs: { B: open } }, /\('\$defs', 'B'\)/u],
    [closed({ a: { allOf: [] } }), /'allOf' is not permitted/u],
    [closed({ a: { type: 'array' } }), /array schema missing items/u],
    [{ ...closed({}), required: ['ghost'] }, /"ghost", which is not in properties/u],
    [{ type: 'string' }, /got 'type: "string"'/u],
  ];
  for (const [schema, message] of places) {
    assert.throws(() => checkStrictSchema(schema, place), { message });
  }
  checkStrictSchema(closed({ a: { anyOf: [{ type: 'null' }, closed({ b: { type: 'string' } })] } }), place);
});

test('a schema that is not strict need only describe an object', () => {
  checkFunctionSchema({}, place);
  checkFunctionSchema({ type: 'object', properties: { a: {} } }, place);
  assert.throws(() => checkFunctionSchema({ type: 'array' }, place), { message: /got 'type: "array"'/u });
  assert.throws(() => checkFunctionSchema({ properties: {} }, place), { message: /got 'type: "None"'/u });
});
