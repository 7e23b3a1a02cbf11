import * as fc from 'fast-check';
import type { Json, JsonObject } from '../../src/protocols/canonical/request.ts';

/** Small generators that the requests of every wire are made of. */
export const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).map((text) => `w${text}`);
export const toolName = fc.stringMatching(/^[a-z][a-z0-9_-]{0,10}$/);
export const callId = fc.stringMatching(/^[A-Za-z0-9]{6,12}$/);
export const base64 = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map((bytes) => Buffer.from(bytes).toString('base64'));
export const input: fc.Arbitrary<JsonObject> = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,5}$/),
  fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.integer(), { maxLength: 3 }),
  ),
  { maxKeys: 3 },
);
export const schema = fc.constantFrom<JsonObject>(
  { type: 'object', properties: {} },
  {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
  { type: 'object', properties: { n: { type: 'integer', minimum: 1 } } },
);

type Fields = Record<string, fc.Arbitrary<Json>>;

/** Some of the optional fields, none of them undefined. */
export function some(fields: Fields): fc.Arbitrary<JsonObject> {
  return fc.record(fields, { requiredKeys: [] }).map((found) => found as JsonObject);
}
