import type { Json, JsonObject } from './request.ts';

/**
 * Reading values of a wire that cannot be trusted: every function answers `undefined` for the wrong type instead of
 * failing, so that a codec drops what it cannot read and never throws on an upstream's oddities.
 */
type Value = Json | undefined;

export function asObject(value: Value): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

export function asArray(value: Value): readonly Json[] | undefined {
  return Array.isArray(value) ? (value as readonly Json[]) : undefined;
}

/** The objects of a list; anything else in it is left out. */
export function asObjects(value: Value): readonly JsonObject[] {
  const list = asArray(value) ?? [];
  return list.map(asObject).filter((item) => item !== undefined);
}

export function asString(value: Value): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A string with something in it. */
export function asText(value: Value): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function asNumber(value: Value): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** The object written in `text`, or `undefined`. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(text) as Json);
  } catch {
    return undefined;
  }
}

/** `source` without the named keys; `undefined` when nothing is left. */
export function withoutKeys(source: JsonObject, keys: ReadonlySet<string>): JsonObject | undefined {
  const rest = Object.entries(source).filter(([key]) => !keys.has(key));
  return rest.length === 0 ? undefined : Object.fromEntries<Json>(rest);
}

type Defined<Shape> = { [Key in keyof Shape]?: Exclude<Shape[Key], undefined> };

/** Leaves out the keys whose value is `undefined`; for optional properties and for fields of a wire alike. */
export function defined<Shape extends object>(shape: Shape): Defined<Shape> {
  const kept: Defined<Shape> = {};
  for (const key of Object.keys(shape) as (keyof Shape)[]) {
    const value = shape[key];
    if (value !== undefined) kept[key] = value as Exclude<Shape[keyof Shape], undefined>;
  }
  return kept;
}
