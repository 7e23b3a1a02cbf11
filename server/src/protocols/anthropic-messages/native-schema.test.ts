import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { toNativeSchema } from './native-schema.ts';

suite('schemas in the subset that Claude enforces', () => {
  test('a schema within the subset is not changed', () => {
    const schema = {
      type: 'object',
      properties: {
        a: { type: 'string', enum: ['x'] },
        b: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      },
      required: ['a'],
      additionalProperties: false,
    };
    assert.deepEqual(toNativeSchema(schema), { schema, isWeakened: false });
  });

  test('bounds become descriptions, objects are closed, alternatives and type lists become anyOf', () => {
    const { schema, isWeakened } = toNativeSchema({
      $schema: 'x',
      type: 'object',
      properties: {
        n: { type: 'integer', minimum: 1, description: 'Count.' },
        m: { type: ['string', 'null'] },
        o: {
          oneOf: [
            { type: 'object', properties: {} },
            { type: 'string', format: 'color' },
          ],
        },
      },
    });
    assert.equal(isWeakened, true);
    assert.deepEqual(schema, {
      type: 'object',
      properties: {
        n: { type: 'integer', description: 'Count. (minimum: 1)' },
        m: { anyOf: [{ type: 'string' }, { type: 'null' }] },
        o: {
          anyOf: [
            { type: 'object', properties: {}, additionalProperties: false },
            { type: 'string', description: '(format: "color")' },
          ],
        },
      },
      additionalProperties: false,
    });
  });

  test('a property called like a keyword is a property', () => {
    const schema = {
      type: 'object',
      properties: { minimum: { type: 'string' } },
      additionalProperties: false,
    };
    assert.deepEqual(toNativeSchema(schema), { schema, isWeakened: false });
  });
});
