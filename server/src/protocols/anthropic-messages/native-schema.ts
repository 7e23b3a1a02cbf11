import { asArray, asObject } from '../canonical/read-json.ts';
import type { Json, JsonObject } from '../canonical/request.ts';

/**
 * A JSON schema in the subset that Claude enforces: closed objects, no numeric or length bounds, `anyOf` for
 * alternatives. What the subset cannot say becomes part of the description, so the model still reads it.
 */
interface NativeSchema {
  readonly schema: JsonObject;
  /** True when something that was enforced became a description only. */
  readonly isWeakened: boolean;
}

const bounds = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'propertyNames',
  'patternProperties',
  'if',
  'then',
  'else',
  'not',
]);
const silent = new Set(['$schema', '$id', 'examples', 'default']);
const schemaMaps = new Set(['properties', '$defs', 'definitions']);
const schemaLists = new Set(['anyOf', 'allOf']);
const formats = new Set([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'uri',
  'ipv4',
  'ipv6',
  'uuid',
]);

export function toNativeSchema(source: JsonObject): NativeSchema {
  const state = { isWeakened: false };
  return { schema: rewrite(source, state), isWeakened: state.isWeakened };
}

interface RewriteState {
  isWeakened: boolean;
}

function rewrite(source: JsonObject, state: RewriteState): JsonObject {
  const result: Record<string, Json> = {};
  const notes: string[] = [];
  for (const [key, value] of Object.entries(source)) {
    if (silent.has(key)) continue;
    if (isUnenforced(key, value)) notes.push(`${key}: ${JSON.stringify(value)}`);
    else if (schemaMaps.has(key)) result[key] = rewriteMap(value, state);
    else if (schemaLists.has(key) || key === 'oneOf') {
      result[key === 'oneOf' ? 'anyOf' : key] = rewriteList(value, state);
    } else if (key === 'items') result[key] = rewriteValue(value, state);
    else if (key !== 'additionalProperties') result[key] = value;
  }
  if (isObjectSchema(source)) {
    const extra = source['additionalProperties'];
    if (extra === true || asObject(extra) !== undefined) state.isWeakened = true;
    result['additionalProperties'] = false;
  }
  if (notes.length > 0) {
    state.isWeakened = true;
    const said = typeof source['description'] === 'string' ? `${source['description']} ` : '';
    result['description'] = `${said}(${notes.join(', ')})`;
  }
  return splitTypes(result);
}

function isUnenforced(key: string, value: Json): boolean {
  if (bounds.has(key)) return true;
  if (key === 'minItems') return value !== 0 && value !== 1;
  return key === 'format' && !(typeof value === 'string' && formats.has(value));
}

function isObjectSchema(source: JsonObject): boolean {
  const type = source['type'];
  return type === 'object' || (asArray(type)?.includes('object') ?? source['properties'] !== undefined);
}

function rewriteMap(value: Json, state: RewriteState): Json {
  const map = asObject(value) ?? {};
  return Object.fromEntries(Object.entries(map).map(([name, inner]) => [name, rewriteValue(inner, state)]));
}

function rewriteList(value: Json, state: RewriteState): Json {
  return (asArray(value) ?? []).map((inner) => rewriteValue(inner, state));
}

function rewriteValue(value: Json, state: RewriteState): Json {
  const inner = asObject(value);
  return inner === undefined ? value : rewrite(inner, state);
}

/** `type: ["string", "null"]` as alternatives; the subset has no type lists. */
function splitTypes(schema: JsonObject): JsonObject {
  const types = asArray(schema['type']);
  if (types === undefined || schema['anyOf'] !== undefined) return schema;
  const { type: _type, description, ...rest } = schema;
  const anyOf = types.map((type) => (type === 'null' ? { type } : { type, ...rest }));
  return description === undefined ? { anyOf } : { anyOf, description };
}
