import type { JsonObject } from '../../engine/simulated-call.ts';
import { isArray, isObject, textOr } from '../shape.ts';
import { invalidField } from './refusals.ts';

/** Rules between the fields of a schema; unknown fields are found before, by its shape. */
export function checkSchema(schema: JsonObject, path: string): void {
  const type = textOr(schema['type']).toUpperCase();
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  if (type === 'ARRAY' && !isObject(schema['items'])) throw invalidField(`${path}.items`, 'missing field.');
  if (schema['enum'] !== undefined && type !== 'STRING') {
    throw invalidField(`${path}.enum`, 'only allowed for STRING type');
  }
  const format = textOr(schema['format']);
  if (type === 'STRING' && !['', 'enum', 'date-time'].includes(format)) {
    throw invalidField(`${path}.format`, "only 'enum' and 'date-time' are supported for STRING type");
  }
  (isArray(schema['required']) ? schema['required'] : []).forEach((name, index) => {
    if (!Object.hasOwn(properties, textOr(name))) {
      throw invalidField(`${path}.required[${index}]`, 'property is not defined');
    }
  });
  for (const [name, inner] of Object.entries(properties)) {
    if (isObject(inner)) checkSchema(inner, `${path}.properties[${name}]`);
  }
  if (isObject(schema['items'])) checkSchema(schema['items'], `${path}.items`);
  (isArray(schema['anyOf']) ? schema['anyOf'] : []).forEach((option, index) => {
    if (isObject(option)) checkSchema(option, `${path}.any_of[${index}]`);
  });
}
