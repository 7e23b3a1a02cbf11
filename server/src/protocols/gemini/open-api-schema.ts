import { asArray, asNumber, asObject, asString } from '../canonical/read-json.ts';
import type { Json, JsonObject } from '../canonical/request.ts';
import { camel } from './camel-keys.ts';

/** Gemini's `Schema` (types in upper case, `nullable`, bounds as strings) as plain JSON Schema. */
export function toJsonSchema(source: JsonObject): JsonObject {
  const schema: Record<string, Json> = {};
  for (const [key, value] of Object.entries(source)) {
    const name = camel(key);
    if (!leftOut.has(name)) schema[name] = convert(name, value);
  }
  if (schema['format'] === 'enum') delete schema['format'];
  return withNull(schema, source['nullable'] === true);
}

/** Order of properties is a hint, and an example no rule; `nullable` becomes a type. */
const leftOut = new Set(['propertyOrdering', 'example', 'nullable']);
const bounds = new Set(['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties']);

function convert(name: string, value: Json): Json {
  if (name === 'type') return typeName(value);
  if (name === 'properties') {
    const entries = Object.entries(asObject(value) ?? {});
    return Object.fromEntries(entries.map(([key, inner]) => [key, convertInner(inner)]));
  }
  if (name === 'items') return convertInner(value);
  if (name === 'anyOf') return (asArray(value) ?? []).map(convertInner);
  return bounds.has(name) ? (asNumber(value) ?? Number(asString(value) ?? 0)) : value;
}

function typeName(value: Json): Json {
  const list = asArray(value);
  if (list !== undefined) return list.map(typeName);
  return typeof value === 'string' ? value.toLowerCase() : value;
}

function convertInner(value: Json): Json {
  const inner = asObject(value);
  return inner === undefined ? value : toJsonSchema(inner);
}

function withNull(schema: JsonObject, isNullable: boolean): JsonObject {
  const type = schema['type'];
  if (type === 'type_unspecified') {
    const { type: _type, ...rest } = schema;
    return withNull(rest, isNullable);
  }
  if (!isNullable) return schema;
  const choices = asArray(schema['enum']);
  const listed = choices === undefined ? {} : { enum: [...choices, null] };
  if (typeof type === 'string') return { ...schema, type: [type, 'null'], ...listed };
  const alternatives = asArray(schema['anyOf']);
  return alternatives === undefined ? schema : { ...schema, anyOf: [...alternatives, { type: 'null' }] };
}
