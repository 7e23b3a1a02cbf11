import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { satisfySchema } from './satisfy-schema.ts';
import { seededRandom } from './seeded-random.ts';
import type { Json, JsonObject } from './simulated-call.ts';

/** A small checker of its own, so that generator and judge share no code. */
function accepts(schema: JsonObject, value: Json): boolean {
  const s = schema as Readonly<Record<string, unknown>>;
  if ('const' in s) return JSON.stringify(s['const']) === JSON.stringify(value);
  if (s['enum'] !== undefined)
    return (s['enum'] as Json[]).some((item) => JSON.stringify(item) === JSON.stringify(value));
  if (s['anyOf'] !== undefined) return (s['anyOf'] as JsonObject[]).some((option) => accepts(option, value));
  switch (s['type'] as string) {
    case 'null':
      return value === null;
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
    case 'number':
      return (
        typeof value === 'number' &&
        (s['type'] !== 'integer' || Number.isInteger(value)) &&
        value >= Number(s['minimum'] ?? Number.NEGATIVE_INFINITY) &&
        value <= Number(s['maximum'] ?? Number.POSITIVE_INFINITY)
      );
    case 'string':
      return (
        typeof value === 'string' &&
        value.length >= Number(s['minLength'] ?? 0) &&
        value.length <= Number(s['maxLength'] ?? 1e9)
      );
    case 'array':
      return (
        Array.isArray(value) &&
        value.length >= Number(s['minItems'] ?? 0) &&
        value.length <= Number(s['maxItems'] ?? 1e9) &&
        (value as Json[]).every((item) => accepts(s['items'] as JsonObject, item))
      );
    default: {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
      const properties = s['properties'] as Record<string, JsonObject>;
      const has = (name: string): boolean => Object.hasOwn(value, name);
      return (
        (s['required'] as string[]).every(has) &&
        Object.entries(value as JsonObject).every(
          ([name, item]) => name in properties && accepts(properties[name] ?? {}, item),
        )
      );
    }
  }
}

const range = fc
  .tuple(fc.integer({ min: -50, max: 50 }), fc.nat(20))
  .map(([low, span]) => [low, low + span] as const);
const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'name', 'id'), { maxLength: 3 });
const { schema: anySchema } = fc.letrec<{ schema: JsonObject }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4 },
    fc.constant({ type: 'boolean' }),
    fc.constant({ type: 'null' }),
    range.map(([minimum, maximum]) => ({ type: 'integer', minimum, maximum })),
    range.map(([minimum, maximum]) => ({ type: 'number', minimum, maximum })),
    range.map(([low, high]) => ({
      type: 'string',
      minLength: Math.abs(low),
      maxLength: Math.abs(low) + high - low,
    })),
    fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 3 }).map((items) => ({ enum: items })),
    fc.string().map((text) => ({ const: text })),
    fc
      .tuple(tie('schema'), fc.nat(3))
      .map(([items, least]) => ({ type: 'array', items, minItems: least, maxItems: least + 2 })),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    fc.tuple(names, fc.array(tie('schema'), { minLength: 3, maxLength: 3 })).map(([fields, schemas]) => ({
      type: 'object',
      properties: Object.fromEntries(fields.map((name, index) => [name, schemas[index] ?? {}])),
      required: fields.slice(1),
      additionalProperties: false,
    })),
  ),
}));

test('what is written for a schema satisfies the schema', () => {
  fc.assert(
    fc.property(anySchema, fc.string(), (schema, seed) => {
      const value = satisfySchema(schema, seededRandom(seed));
      assert.ok(accepts(schema, value), `${JSON.stringify(schema)} does not accept ${JSON.stringify(value)}`);
    }),
  );
});

test('references are followed and a schema that contains itself comes to an end', () => {
  const node = {
    type: 'object',
    properties: { name: { type: 'string' }, next: { anyOf: [{ $ref: '#/$defs/Node' }, { type: 'null' }] } },
    required: ['name', 'next'],
  };
  const value = satisfySchema(
    { $ref: '#/$defs/Node', $defs: { Node: node } },
    seededRandom('x'),
  ) as JsonObject;
  assert.equal(typeof value['name'], 'string');
  assert.ok('next' in value);
});

test('formats and patterns are kept', () => {
  const patterns = [
    '^[A-Z]{3}-\\d{4}$',
    '^(red|green|blue)$',
    '^[a-f0-9]{8}$',
    '^\\+?\\d{2,4}$',
    '^[^@]+@example\\.com$',
  ];
  for (const pattern of patterns) {
    const value = satisfySchema({ type: 'string', pattern }, seededRandom(pattern));
    assert.match(value as string, new RegExp(pattern));
  }
  const uuid = satisfySchema({ type: 'string', format: 'uuid' }, seededRandom('u'));
  assert.match(uuid as string, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  const date = satisfySchema({ type: 'string', format: 'date-time' }, seededRandom('d'));
  assert.ok(!Number.isNaN(Date.parse(date as string)));
});

test('upper-case types of the OpenAPI subset are understood', () => {
  const value = satisfySchema(
    { type: 'OBJECT', properties: { n: { type: 'INTEGER' } }, required: ['n'] },
    seededRandom('o'),
  );
  assert.ok(Number.isInteger((value as JsonObject)['n']));
});
