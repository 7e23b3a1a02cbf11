/**
 * Shapes of JSON bodies, as data. A wire declares what its provider accepts; `findFaults` lists everything that does
 * not fit, and the wire words the faults as its provider does. Knows no provider and no HTTP.
 * Begin at `Shape`, then `findFaults`.
 */
import type { Json, JsonObject } from '../engine/simulated-call.ts';

export type Shape =
  | { readonly kind: 'any' }
  | {
      readonly kind: 'string';
      readonly values?: readonly string[];
      readonly maxLength?: number;
      readonly pattern?: RegExp;
    }
  | { readonly kind: 'number' | 'integer'; readonly min?: number; readonly max?: number }
  | { readonly kind: 'boolean' }
  | {
      readonly kind: 'array';
      readonly items: Shape;
      readonly minItems?: number;
      readonly maxItems?: number;
    }
  | {
      readonly kind: 'object';
      readonly fields: Readonly<Record<string, Shape>>;
      readonly required: readonly string[];
    }
  | {
      readonly kind: 'map';
      readonly values: Shape;
      readonly maxEntries?: number;
      readonly maxKeyLength?: number;
    }
  | { readonly kind: 'nullable'; readonly inner: Shape }
  | { readonly kind: 'either'; readonly options: readonly Shape[] }
  | {
      readonly kind: 'tagged';
      readonly tag: string;
      readonly variants: Readonly<Record<string, Shape>>;
      /** The variant meant when the tag is absent. */
      readonly untagged?: string;
    }
  | { readonly kind: 'lazy'; readonly resolve: () => Shape };

export interface ShapeFault {
  /** As providers write it: `messages[0].content`. Empty for the body itself. */
  readonly path: string;
  readonly reason:
    | 'unknown'
    | 'missing'
    | 'type'
    | 'value'
    | 'below'
    | 'above'
    | 'too-few'
    | 'too-many'
    | 'too-long'
    | 'pattern';
  readonly shape: Shape;
  readonly found: Json | undefined;
}

export const anything: Shape = { kind: 'any' };
export const string: Shape = { kind: 'string' };
export const boolean: Shape = { kind: 'boolean' };
export const number: Shape = { kind: 'number' };
export const integer: Shape = { kind: 'integer' };
export const record: Shape = { kind: 'map', values: anything };

export function oneOf(...values: readonly string[]): Shape {
  return { kind: 'string', values };
}

export function upTo(maxLength: number, pattern?: RegExp): Shape {
  return pattern === undefined ? { kind: 'string', maxLength } : { kind: 'string', maxLength, pattern };
}

export function numberIn(min: number, max: number): Shape {
  return { kind: 'number', min, max };
}

export function integerIn(min: number, max?: number): Shape {
  return max === undefined ? { kind: 'integer', min } : { kind: 'integer', min, max };
}

export function list(
  items: Shape,
  limits: { readonly minItems?: number; readonly maxItems?: number } = {},
): Shape {
  return { kind: 'array', items, ...limits };
}

export function object(
  required: Readonly<Record<string, Shape>>,
  optional: Readonly<Record<string, Shape>> = {},
): Shape {
  return { kind: 'object', fields: { ...required, ...optional }, required: Object.keys(required) };
}

export function nullable(inner: Shape): Shape {
  return { kind: 'nullable', inner };
}

export function either(...options: readonly Shape[]): Shape {
  return { kind: 'either', options };
}

export function tagged(tag: string, variants: Readonly<Record<string, Shape>>, untagged?: string): Shape {
  return untagged === undefined
    ? { kind: 'tagged', tag, variants }
    : { kind: 'tagged', tag, variants, untagged };
}

export function lazy(resolve: () => Shape): Shape {
  return { kind: 'lazy', resolve };
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Every place where `value` leaves `shape`, outermost and leftmost first. */
export function findFaults(value: Json | undefined, shape: Shape, path = ''): readonly ShapeFault[] {
  const fault = (reason: ShapeFault['reason']): readonly ShapeFault[] => [
    { path, reason, shape, found: value },
  ];
  switch (shape.kind) {
    case 'any':
      return [];
    case 'nullable':
      return value === null ? [] : findFaults(value, shape.inner, path);
    case 'lazy':
      return findFaults(value, shape.resolve(), path);
    case 'boolean':
      return typeof value === 'boolean' ? [] : fault('type');
    case 'string':
      return typeof value === 'string' ? reasonFaults(stringReason(value, shape), fault) : fault('type');
    case 'number':
    case 'integer':
      return numberFaults(value, shape, fault);
    case 'array':
      return isArray(value) ? arrayFaults(value, shape, path) : fault('type');
    case 'object':
      return isObject(value) ? objectFaults(value, shape, path) : fault('type');
    case 'map':
      return isObject(value) ? mapFaults(value, shape, path) : fault('type');
    case 'either':
      return eitherFaults(value, shape, path);
    case 'tagged':
      break;
  }
  return isObject(value) ? taggedFaults(value, shape, path) : fault('type');
}

type Of<K extends Shape['kind']> = Extract<Shape, { readonly kind: K }>;
type MakeFault = (reason: ShapeFault['reason']) => readonly ShapeFault[];

function reasonFaults(reason: ShapeFault['reason'] | undefined, fault: MakeFault): readonly ShapeFault[] {
  return reason === undefined ? [] : fault(reason);
}

function stringReason(value: string, shape: Of<'string'>): ShapeFault['reason'] | undefined {
  if (shape.values !== undefined && !shape.values.includes(value)) return 'value';
  if (shape.maxLength !== undefined && value.length > shape.maxLength) return 'too-long';
  if (shape.pattern !== undefined && !shape.pattern.test(value)) return 'pattern';
  return undefined;
}

function numberFaults(
  value: Json | undefined,
  shape: Of<'number' | 'integer'>,
  fault: MakeFault,
): readonly ShapeFault[] {
  if (typeof value !== 'number') return fault('type');
  if (shape.kind === 'integer' && !Number.isInteger(value)) return fault('type');
  if (shape.min !== undefined && value < shape.min) return fault('below');
  if (shape.max !== undefined && value > shape.max) return fault('above');
  return [];
}

function arrayFaults(value: readonly Json[], shape: Of<'array'>, path: string): readonly ShapeFault[] {
  if (value.length < (shape.minItems ?? 0)) return [{ path, reason: 'too-few', shape, found: value }];
  if (value.length > (shape.maxItems ?? Number.POSITIVE_INFINITY)) {
    return [{ path, reason: 'too-many', shape, found: value }];
  }
  return value.flatMap((item, index) => findFaults(item, shape.items, `${path}[${index}]`));
}

function objectFaults(value: JsonObject, shape: Of<'object'>, path: string): readonly ShapeFault[] {
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const unknown = Object.entries(value)
    .filter(([name]) => !Object.hasOwn(shape.fields, name))
    .map(([name, found]): ShapeFault => ({ path: at(name), reason: 'unknown', shape, found }));
  const missing = shape.required
    .filter((name) => value[name] === undefined)
    .map((name): ShapeFault => ({ path: at(name), reason: 'missing', shape, found: undefined }));
  const inner = Object.entries(shape.fields).flatMap(([name, field]) =>
    value[name] === undefined ? [] : findFaults(value[name], field, at(name)),
  );
  return [...unknown, ...missing, ...inner];
}

function mapFaults(value: JsonObject, shape: Of<'map'>, path: string): readonly ShapeFault[] {
  const entries = Object.entries(value);
  if (entries.length > (shape.maxEntries ?? Number.POSITIVE_INFINITY)) {
    return [{ path, reason: 'too-many', shape, found: value }];
  }
  const maxKeyLength = shape.maxKeyLength ?? Number.POSITIVE_INFINITY;
  return entries.flatMap(([key, item]) =>
    key.length > maxKeyLength
      ? [{ path: `${path}.${key}`, reason: 'too-long', shape, found: key } as const]
      : findFaults(item, shape.values, `${path}.${key}`),
  );
}

/** The option of the value's own JSON type tells what is wrong; without one, the type is wrong. */
function eitherFaults(value: Json | undefined, shape: Of<'either'>, path: string): readonly ShapeFault[] {
  let closest: readonly ShapeFault[] | undefined;
  for (const option of shape.options) {
    const faults = findFaults(value, option, path);
    if (faults.length === 0) return [];
    const isOwnType = !faults.some((fault) => fault.path === path && fault.reason === 'type');
    if (isOwnType) closest ??= faults;
  }
  return closest ?? [{ path, reason: 'type', shape, found: value }];
}

function taggedFaults(value: JsonObject, shape: Of<'tagged'>, path: string): readonly ShapeFault[] {
  const tag = value[shape.tag] ?? shape.untagged;
  const tagPath = path === '' ? shape.tag : `${path}.${shape.tag}`;
  if (tag === undefined) return [{ path: tagPath, reason: 'missing', shape, found: undefined }];
  if (typeof tag !== 'string') return [{ path: tagPath, reason: 'type', shape: string, found: tag }];
  const variant = Object.hasOwn(shape.variants, tag) ? shape.variants[tag] : undefined;
  if (variant === undefined) {
    return [{ path: tagPath, reason: 'value', shape: oneOf(...Object.keys(shape.variants)), found: tag }];
  }
  return findFaults(value, variant, path);
}

/** A string where one is known to be, else the other text. */
export function textOr(value: Json | undefined, otherwise = ''): string {
  return typeof value === 'string' ? value : otherwise;
}

/** The objects of a list; nothing where there is no list. */
export function objectsOf(value: Json | undefined): readonly JsonObject[] {
  return isArray(value) ? value.filter(isObject) : [];
}
