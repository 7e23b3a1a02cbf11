import type { Json, JsonObject } from '../../../src/protocols/canonical/request.ts';

/** An answer that breaks the grammar of its protocol; the message says where. */
export class Violation extends Error {}

export function demand(isKept: boolean, rule: string): asserts isKept {
  if (!isKept) throw new Violation(rule);
}

export function objectAt(source: JsonObject, name: string): JsonObject {
  const value = source[name];
  demand(typeof value === 'object' && value !== null && !Array.isArray(value), `${name} is not an object`);
  return value as JsonObject;
}

/** `undefined` where the field is absent or null. */
export function optionalObject(source: JsonObject, name: string): JsonObject | undefined {
  const value = source[name];
  return value === undefined || value === null ? undefined : objectAt(source, name);
}

export function listAt(source: JsonObject, name: string): readonly JsonObject[] {
  const value = source[name];
  demand(Array.isArray(value), `${name} is not a list`);
  for (const item of value) demand(typeof item === 'object' && item !== null, `${name} holds no object`);
  return value as readonly JsonObject[];
}

export function optionalList(source: JsonObject, name: string): readonly JsonObject[] {
  const value = source[name];
  return value === undefined || value === null ? [] : listAt(source, name);
}

export function textAt(source: JsonObject, name: string): string {
  const value = source[name];
  demand(typeof value === 'string', `${name} is not a text`);
  return value;
}

/** The empty text where the field is absent or null. */
export function optionalText(source: JsonObject, name: string): string {
  const value = source[name];
  return value === undefined || value === null ? '' : textAt(source, name);
}

export function nameAt(source: JsonObject, name: string): string {
  const value = textAt(source, name);
  demand(value !== '', `${name} is empty`);
  return value;
}

export function countAt(source: JsonObject, name: string): number {
  const value = source[name];
  demand(Number.isSafeInteger(value) && (value as number) >= 0, `${name} is not a count`);
  return value as number;
}

export function optionalCount(source: JsonObject | undefined, name: string): number {
  const value = source?.[name];
  return source === undefined || value === undefined || value === null ? 0 : countAt(source, name);
}

export function oneOf(value: Json | undefined, known: readonly string[], what: string): string {
  demand(typeof value === 'string' && known.includes(value), `${what} is ${JSON.stringify(value)}`);
  return value;
}

/** Parses an object, as every client does with what stands in a frame or a body. */
export function parsed(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Violation(`not JSON: ${text.slice(0, 80)}`);
  }
  demand(typeof value === 'object' && value !== null && !Array.isArray(value), 'not an object');
  return value as JsonObject;
}

export interface Frame {
  readonly event: string | undefined;
  readonly data: string;
}

/** The events of a whole stream as the standard says; comments are skipped, an unfinished event is a violation. */
export function framesOf(text: string): readonly Frame[] {
  const events = text.replaceAll('\r\n', '\n').split('\n\n');
  const rest = events.pop() ?? '';
  demand(rest === '', 'the stream ends inside an event');
  return events.flatMap((event) => {
    const lines = event.split('\n').filter((line) => line !== '' && !line.startsWith(':'));
    if (lines.length === 0) return [];
    const valuesOf = (field: string): readonly string[] =>
      lines
        .filter((line) => line.startsWith(`${field}:`))
        .map((line) => line.slice(field.length + 1).trimStart());
    const [name] = valuesOf('event');
    return [{ event: name, data: valuesOf('data').join('\n') }];
  });
}
