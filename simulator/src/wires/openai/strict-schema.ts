import type { Json, JsonObject } from '../../engine/simulated-call.ts';
import { isArray, isObject } from '../shape.ts';
import { invalid } from './refusals.ts';

interface SchemaPlace {
  /** `function 'get_weather'` or `response_format 'answer'`. */
  readonly owner: string;
  readonly param: string;
}

/** Any function schema must at least be an object schema. */
export function checkFunctionSchema(schema: JsonObject, place: SchemaPlace): void {
  const type = schema['type'];
  const isUntyped = type === undefined && Object.keys(schema).length === 0;
  if (isUntyped || type === 'object') return;
  if (type === undefined && (isArray(schema['anyOf']) || typeof schema['$ref'] === 'string')) return;
  throw schemaRefusal(
    place,
    `schema must be a JSON Schema of 'type: "object"', got 'type: ${quoted(type)}'.`,
  );
}

/** Rules of strict mode: closed objects, every property required, no composition the decoder cannot follow. */
export function checkStrictSchema(schema: JsonObject, place: SchemaPlace): void {
  if (schema['type'] !== 'object' && typeof schema['$ref'] !== 'string') {
    throw schemaRefusal(
      place,
      `schema must be a JSON Schema of 'type: "object"', got 'type: ${quoted(schema['type'])}'.`,
    );
  }
  walk(schema, [], place);
}

const refusedKeywords = ['allOf', 'oneOf', 'not', 'dependentRequired', 'if', 'patternProperties'];

function walk(schema: Json | undefined, path: readonly string[], place: SchemaPlace): void {
  if (!isObject(schema)) return;
  const context = `In context=(${path.map((step) => `'${step}'`).join(', ')})`;
  const refused = refusedKeywords.find((keyword) => schema[keyword] !== undefined);
  if (refused !== undefined) throw schemaRefusal(place, `${context}, '${refused}' is not permitted.`);
  if (schema['type'] === 'object' || schema['properties'] !== undefined) {
    checkClosedObject(schema, context, place);
  }
  if (schema['type'] === 'array' && schema['items'] === undefined) {
    throw schemaRefusal(place, `${context}, array schema missing items.`);
  }
  for (const keyword of ['properties', '$defs', 'definitions']) {
    const named = schema[keyword];
    if (!isObject(named)) continue;
    for (const [name, inner] of Object.entries(named)) walk(inner, [...path, keyword, name], place);
  }
  walk(schema['items'], [...path, 'items'], place);
  const anyOf = schema['anyOf'];
  if (isArray(anyOf))
    anyOf.forEach((option, index) => walk(option, [...path, 'anyOf', String(index)], place));
}

function checkClosedObject(schema: JsonObject, context: string, place: SchemaPlace): void {
  if (schema['additionalProperties'] !== false) {
    throw schemaRefusal(
      place,
      `${context}, 'additionalProperties' is required to be supplied and to be false.`,
    );
  }
  const properties = isObject(schema['properties']) ? Object.keys(schema['properties']) : [];
  const required = isArray(schema['required']) ? schema['required'] : [];
  const missing = properties.find((name) => !required.includes(name));
  if (missing !== undefined) {
    throw schemaRefusal(
      place,
      `${context}, 'required' is required to be supplied and to be an array including every key in properties. ` +
        `Missing '${missing}'.`,
    );
  }
  const extra = required.find((name) => typeof name !== 'string' || !properties.includes(name));
  if (extra !== undefined) {
    throw schemaRefusal(
      place,
      `${context}, 'required' includes ${JSON.stringify(extra)}, which is not in properties.`,
    );
  }
}

function schemaRefusal(place: SchemaPlace, detail: string): ReturnType<typeof invalid> {
  const code = place.owner.startsWith('function') ? 'invalid_function_parameters' : 'invalid_json_schema';
  return invalid(`Invalid schema for ${place.owner}: ${detail}`, place.param, code);
}

function quoted(type: Json | undefined): string {
  return typeof type === 'string' ? `"${type}"` : '"None"';
}
