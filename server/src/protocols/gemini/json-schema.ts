import { asArray, asObject } from '../canonical/read-json.ts';
import type { Json, JsonObject } from '../canonical/request.ts';

/** JSON Schema in the part of it that the provider reads: `const` is a list of one, and some keywords have no place. */
interface ReadableSchema {
  readonly schema: JsonObject;
  /** True when a rule, not only a hint, was left out. */
  readonly isWeakened: boolean;
}

const rules = new Set(['propertyNames', 'patternProperties', 'if', 'then', 'else', 'not']);
const hints = new Set(['$schema', '$id', 'default', 'examples']);
const schemaMaps = new Set(['properties', '$defs', 'definitions']);
const schemaLists = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);

export function toReadableSchema(source: JsonObject): ReadableSchema {
  const state = { isWeakened: false };
  return { schema: rewrite(source, state), isWeakened: state.isWeakened };
}

function rewrite(source: JsonObject, state: { isWeakened: boolean }): JsonObject {
  const schema: Record<string, Json> = {};
  for (const [key, value] of Object.entries(source)) {
    if (rules.has(key)) state.isWeakened = true;
    else if (key === 'const') schema['enum'] = [value];
    else if (schemaMaps.has(key)) schema[key] = rewriteMap(value, state);
    else if (schemaLists.has(key)) {
      schema[key] = (asArray(value) ?? []).map((inner) => rewriteValue(inner, state));
    } else if (key === 'items' || key === 'additionalProperties') schema[key] = rewriteValue(value, state);
    else if (!hints.has(key)) schema[key] = value;
  }
  return schema;
}

function rewriteMap(value: Json, state: { isWeakened: boolean }): Json {
  const entries = Object.entries(asObject(value) ?? {});
  return Object.fromEntries(entries.map(([name, inner]) => [name, rewriteValue(inner, state)]));
}

function rewriteValue(value: Json, state: { isWeakened: boolean }): Json {
  const inner = asObject(value);
  return inner === undefined ? value : rewrite(inner, state);
}
