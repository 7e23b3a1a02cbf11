import type { Span } from './json-scan.ts';

/**
 * Walks into one place of a body that is known to be valid JSON, for the rare call in which values have to be cut out of
 * it: the spans of an array's elements and of an object's members. Nothing is parsed but keys.
 */
export interface Member extends Span {
  readonly key: string;
  /** Where the key begins; the member ends with its value. */
  readonly keyStart: number;
}

/** Elements of the array at `span`; none where it is no array. */
export function elementsOf(bytes: Buffer, span: Span): readonly Span[] {
  if (bytes[span.start] !== 0x5b) return [];
  const elements: Span[] = [];
  for (let at = skipSpace(bytes, span.start + 1); bytes[at] !== 0x5d;) {
    const end = valueEnd(bytes, at);
    elements.push({ start: at, end });
    at = nextItem(bytes, end);
  }
  return elements;
}

/** Members of the object at `span`; none where it is no object. */
export function membersOf(bytes: Buffer, span: Span): readonly Member[] {
  if (bytes[span.start] !== 0x7b) return [];
  const members: Member[] = [];
  for (let at = skipSpace(bytes, span.start + 1); bytes[at] !== 0x7d;) {
    const keyEnd = valueEnd(bytes, at);
    const start = skipSpace(bytes, skipSpace(bytes, keyEnd) + 1);
    const end = valueEnd(bytes, start);
    members.push({ key: JSON.parse(bytes.toString('utf8', at, keyEnd)) as string, keyStart: at, start, end });
    at = nextItem(bytes, end);
  }
  return members;
}

/** The last of the members with this key, as every parser reads it. */
export function memberOf(bytes: Buffer, span: Span | undefined, key: string): Member | undefined {
  return span === undefined ? undefined : membersOf(bytes, span).findLast((member) => member.key === key);
}

/** The string at `span`; `undefined` for any other value. */
export function stringAt(bytes: Buffer, span: Span | undefined): string | undefined {
  if (span === undefined || bytes[span.start] !== 0x22) return undefined;
  return JSON.parse(bytes.toString('utf8', span.start, span.end)) as string;
}

/** Cuts some items of one list out of it, each with the comma that parted it from its neighbour. */
export function cutItems(items: readonly Span[], isCut: (at: number) => boolean): readonly Span[] {
  const cuts: Span[] = [];
  let hasKept = false;
  for (const [at, item] of items.entries()) {
    if (!isCut(at)) hasKept = true;
    else if (hasKept) cuts.push({ start: items[at - 1]?.end ?? item.start, end: item.end });
    else cuts.push({ start: item.start, end: items[at + 1]?.start ?? item.end });
  }
  return cuts;
}

function nextItem(bytes: Buffer, from: number): number {
  const at = skipSpace(bytes, from);
  return bytes[at] === 0x2c ? skipSpace(bytes, at + 1) : at;
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at += 1;
  return at;
}

function valueEnd(bytes: Buffer, from: number): number {
  const first = bytes[from];
  if (first === 0x22) return stringEnd(bytes, from);
  if (first !== 0x7b && first !== 0x5b) return scalarEnd(bytes, from);
  let depth = 0;
  for (let at = from; at < bytes.length;) {
    const byte = bytes[at];
    if (byte === 0x22) {
      at = stringEnd(bytes, at);
      continue;
    }
    if (byte === 0x7b || byte === 0x5b) depth += 1;
    else if (byte === 0x7d || byte === 0x5d) depth -= 1;
    at += 1;
    if (depth === 0) return at;
  }
  return bytes.length;
}

function stringEnd(bytes: Buffer, from: number): number {
  let at = from + 1;
  while (at < bytes.length && bytes[at] !== 0x22) at += bytes[at] === 0x5c ? 2 : 1;
  return at + 1;
}

function scalarEnd(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && !isScalarEnd(bytes[at] ?? 0)) at += 1;
  return at;
}

function isScalarEnd(byte: number): boolean {
  return byte === 0x2c || byte === 0x7d || byte === 0x5d || byte <= 0x20;
}
