import { asArray, asObject } from './canonical/read-json.ts';
import type { Json, JsonObject } from './canonical/request.ts';

/**
 * Whether OpenAI takes a schema as strict: an object at the root, every object closed with all its properties
 * required, none of the keywords that strict mode refuses.
 */
export function fitsStrictSchema(schema: JsonObject | undefined): boolean {
  return schema?.['type'] === 'object' && schema['anyOf'] === undefined && fits(schema);
}

const refused = [
  'allOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'dependentRequired',
  'dependentSchemas',
  'patternProperties',
  'propertyNames',
  'default',
];

function fits(value: Json | undefined): boolean {
  const schema = asObject(value);
  if (schema === undefined) return value === undefined;
  if (refused.some((keyword) => schema[keyword] !== undefined)) return false;
  if (isObjectSchema(schema) && !isClosed(schema)) return false;
  const maps = [schema['properties'], schema['$defs'], schema['definitions']];
  const inner = maps.flatMap((map) => Object.values(asObject(map) ?? {}));
  const alternatives = asArray(schema['anyOf']) ?? [];
  return [...inner, ...alternatives, schema['items']].every(fits);
}

function isObjectSchema(schema: JsonObject): boolean {
  const type = schema['type'];
  return type === 'object' || (asArray(type)?.includes('object') ?? schema['properties'] !== undefined);
}

function isClosed(schema: JsonObject): boolean {
  const required = new Set(asArray(schema['required']) ?? []);
  const names = Object.keys(asObject(schema['properties']) ?? {});
  return schema['additionalProperties'] === false && names.every((name) => required.has(name));
}
