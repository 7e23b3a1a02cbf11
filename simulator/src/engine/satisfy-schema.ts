import type { SeededRandom } from './seeded-random.ts';
import type { Json, JsonObject } from './simulated-call.ts';
import { stringFor } from './string-for-schema.ts';

/** Past this depth only what is required is written, so that a schema which contains itself comes to an end. */
const PLENTY_DEPTH = 5;
const HOPELESS_DEPTH = 40;

interface Ground {
  readonly root: JsonObject;
  readonly random: SeededRandom;
}

/** A value the JSON schema accepts. A schema no value can satisfy gets the nearest guess. */
export function satisfySchema(schema: JsonObject, random: SeededRandom): Json {
  return valueFor(schema, { root: schema, random }, 0);
}

function valueFor(schema: Json | undefined, ground: Ground, depth: number): Json {
  if (!isObject(schema) || depth > HOPELESS_DEPTH) return null;
  if (typeof schema['$ref'] === 'string') {
    const { $ref: pointer, ...beside } = schema;
    const target = resolve(ground.root, pointer);
    return valueFor(isObject(target) ? merge(target, beside) : target, ground, depth + 1);
  }
  if ('const' in schema) return schema['const'] ?? null;
  if (Array.isArray(schema['enum']) && schema['enum'].length > 0) {
    const allowed = schema['enum'] as readonly Json[];
    return ground.random.pick(allowed.length > 1 ? allowed.filter((item) => item !== null) : allowed);
  }
  if (Array.isArray(schema['allOf'])) {
    const { allOf, ...beside } = schema;
    const parts = (allOf as readonly Json[]).map((part) => dereference(part, ground.root));
    return valueFor(
      parts.reduce<JsonObject>((whole, part) => merge(whole, part), beside),
      ground,
      depth + 1,
    );
  }
  for (const union of ['anyOf', 'oneOf']) {
    const options = schema[union];
    if (!Array.isArray(options) || options.length === 0) continue;
    const { [union]: _options, ...beside } = schema;
    const option = dereference(chooseOption(options as readonly Json[], ground, depth), ground.root);
    return valueFor(merge(beside, option), ground, depth + 1);
  }
  return valueOfType(schema, ground, depth);
}

function valueOfType(schema: JsonObject, ground: Ground, depth: number): Json {
  switch (typeOf(schema)) {
    case 'object':
      return objectFor(schema, ground, depth);
    case 'array':
      return arrayFor(schema, ground, depth);
    case 'integer':
      return numberFor(schema, ground.random, true);
    case 'number':
      return numberFor(schema, ground.random, false);
    case 'boolean':
      return ground.random.next() < 0.5;
    case 'null':
      return null;
    default:
      return stringFor(schema, ground.random);
  }
}

/** OpenAPI spells types in upper case; a list of types names its first that is not null. */
function typeOf(schema: JsonObject): string {
  const declared = schema['type'];
  const types = (Array.isArray(declared) ? declared : [declared]) as readonly (Json | undefined)[];
  const named = types.filter((type) => typeof type === 'string').map((type) => type.toLowerCase());
  const chosen = named.find((type) => type !== 'null') ?? named[0];
  if (chosen !== undefined) return chosen;
  if (isObject(schema['properties']) || 'required' in schema) return 'object';
  if ('items' in schema || 'prefixItems' in schema) return 'array';
  if ('minimum' in schema || 'maximum' in schema) return 'number';
  return 'string';
}

function objectFor(schema: JsonObject, ground: Ground, depth: number): JsonObject {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? (schema['required'] as readonly Json[]) : [];
  const result: Record<string, Json> = {};
  for (const [name, property] of Object.entries(properties)) {
    if (depth < PLENTY_DEPTH || required.includes(name)) result[name] = valueFor(property, ground, depth + 1);
  }
  for (const name of required) {
    if (typeof name === 'string' && !(name in result)) {
      result[name] = valueFor(
        isObject(schema['additionalProperties']) ? schema['additionalProperties'] : { type: 'string' },
        ground,
        depth + 1,
      );
    }
  }
  const least = numberAt(schema, 'minProperties') ?? 0;
  for (let index = 1; Object.keys(result).length < least; index += 1) {
    const extra = isObject(schema['additionalProperties'])
      ? schema['additionalProperties']
      : { type: 'string' };
    result[`extra_${index}`] = valueFor(extra, ground, depth + 1);
  }
  return result;
}

function arrayFor(schema: JsonObject, ground: Ground, depth: number): Json {
  const fixed = Array.isArray(schema['prefixItems']) ? (schema['prefixItems'] as readonly Json[]) : [];
  const least = Math.max(numberAt(schema, 'minItems') ?? 0, fixed.length);
  const most = numberAt(schema, 'maxItems') ?? Math.max(least, 2);
  const length = depth >= PLENTY_DEPTH ? least : Math.min(most, Math.max(least, ground.random.between(1, 2)));
  const result: Json[] = [];
  const seen = new Set<string>();
  for (let tries = 0; result.length < length && tries < length * 20 + 20; tries += 1) {
    const value = valueFor(fixed[result.length] ?? schema['items'] ?? { type: 'string' }, ground, depth + 1);
    const spelled = JSON.stringify(value);
    if (schema['uniqueItems'] === true && seen.has(spelled)) continue;
    seen.add(spelled);
    result.push(value);
  }
  return result;
}

function numberFor(schema: JsonObject, random: SeededRandom, isWhole: boolean): number {
  const step = numberAt(schema, 'multipleOf') ?? (isWhole ? 1 : 0.5);
  const above = numberAt(schema, 'exclusiveMinimum');
  const below = numberAt(schema, 'exclusiveMaximum');
  const low =
    numberAt(schema, 'minimum') ?? above ?? Math.min(1, (numberAt(schema, 'maximum') ?? below ?? 2) - 1);
  const high = numberAt(schema, 'maximum') ?? below ?? low + 100 * step;
  let first = Math.ceil(low / step);
  if (above !== undefined && first * step <= above) first += 1;
  let last = Math.floor(high / step);
  if (below !== undefined && last * step >= below) last -= 1;
  // A range narrower than one step holds no multiple of a default step; its middle will do.
  if (last < first && !isWhole && schema['multipleOf'] === undefined) return (low + high) / 2;
  return Number((random.between(first, Math.max(first, last)) * step).toPrecision(12));
}

/** Deep inside, the option that ends soonest; else any that is not null. */
function chooseOption(options: readonly Json[], ground: Ground, depth: number): Json {
  const isNull = (option: Json): boolean =>
    isObject(option) && (option['type'] === 'null' || option['const'] === null);
  if (depth >= PLENTY_DEPTH) {
    const isPlain = (option: Json): boolean =>
      isObject(option) && !('$ref' in option) && !['object', 'array'].includes(typeOf(option));
    return options.find(isNull) ?? options.find(isPlain) ?? (options[0] as Json);
  }
  const telling = options.filter((option) => !isNull(option));
  return ground.random.pick(telling.length > 0 ? telling : options);
}

function dereference(schema: Json, root: JsonObject): JsonObject {
  let current: Json = schema;
  for (let hops = 0; hops < 10 && isObject(current) && typeof current['$ref'] === 'string'; hops += 1) {
    const { $ref: pointer, ...beside }: JsonObject = current;
    const target: Json = resolve(root, pointer);
    current = isObject(target) ? merge(target, beside) : target;
  }
  return isObject(current) ? current : {};
}

/** `#/$defs/Name` and its kin; anything outside the document is unknown. */
function resolve(root: JsonObject, pointer: string): Json {
  let current: Json = root;
  for (const part of pointer
    .replace(/^#\/?/, '')
    .split('/')
    .filter((part) => part !== '')) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    const next: Json | undefined = isObject(current) ? current[name] : undefined;
    if (next === undefined) return {};
    current = next;
  }
  return current;
}

function merge(left: JsonObject, right: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...left, ...right };
  if (isObject(left['properties']) && isObject(right['properties'])) {
    merged['properties'] = { ...left['properties'], ...right['properties'] };
  }
  if (Array.isArray(left['required']) && Array.isArray(right['required'])) {
    merged['required'] = [
      ...new Set([...(left['required'] as readonly Json[]), ...(right['required'] as readonly Json[])]),
    ];
  }
  return merged;
}

function numberAt(schema: JsonObject, name: string): number | undefined {
  const value = schema[name];
  if (typeof value === 'number') return value;
  // Protobuf writes 64-bit numbers as strings.
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
