import type { Json } from '../../engine/simulated-call.ts';
import { isArray, isObject } from '../shape.ts';
import type { Shape } from '../shape.ts';

/** The request with every known field in lower camel case; what callers name themselves is left alone. */
export function withCamelNames(value: Json, shape: Shape): Json {
  if (shape.kind === 'lazy') return withCamelNames(value, shape.resolve());
  if (shape.kind === 'nullable') return withCamelNames(value, shape.inner);
  if (shape.kind === 'array' && isArray(value)) return value.map((item) => withCamelNames(item, shape.items));
  if (!isObject(value)) return value;
  if (shape.kind === 'map') {
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, withCamelNames(inner, shape.values)]),
    );
  }
  if (shape.kind !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([given, inner]) => {
      const name = Object.hasOwn(shape.fields, camel(given)) ? camel(given) : given;
      const field = shape.fields[name];
      // A null is the same as an absent field.
      if (inner === null && field !== undefined) return [];
      return [[name, field === undefined ? inner : withCamelNames(inner, field)]];
    }),
  );
}

function camel(name: string): string {
  return name.replaceAll(/_([a-z])/gu, (_, letter: string) => letter.toUpperCase());
}

/** Paths are told in the spelling of the protocol definition. */
export function protoPath(path: string): string {
  return path.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
}
