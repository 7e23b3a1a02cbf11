import { asArray, asObject } from '../canonical/read-json.ts';
import type { Json, JsonObject } from '../canonical/request.ts';

/** Keys whose values are the client's own data: nothing inside is a field of the protocol. */
const opaqueKeys = new Set([
  'args',
  'response',
  'parameters',
  'parametersJsonSchema',
  'responseSchema',
  'responseJsonSchema',
  'labels',
  'partMetadata',
]);

/** The provider takes every field in two spellings (`inlineData`, `inline_data`); the codecs know the first. */
export function withCamelKeys(body: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(body).map(([key, value]): [string, Json] => {
      const name = camel(key);
      return [name, opaqueKeys.has(name) ? value : camelValue(value)];
    }),
  );
}

export function camel(key: string): string {
  return key.replaceAll(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

function camelValue(value: Json): Json {
  const list = asArray(value);
  if (list !== undefined) return list.map(camelValue);
  const object = asObject(value);
  return object === undefined ? value : withCamelKeys(object);
}
