/**
 * Reads what the relay must know of a JSON body without building objects from it: one pass over the bytes that checks
 * the whole grammar (what JSON.parse refuses is refused here, before an upstream sees it) and notes where the values of
 * top-level keys lie. Iterative, so depth costs no stack. Knows nothing of protocols: callers name the nested keys they
 * want to hear of. Begin at `scanJson`; `readScalar` and `applySplices` work on the spans it gives.
 */
import { isUtf8 } from 'node:buffer';
import { maxWatchedKeyBytes, watchTable, type WatchTable } from './watch-table.ts';
import { beginRuns, plainRunEnd, wideBytes } from './plain-run.ts';
import { nameAt } from './known-names.ts';
import { digitsAt } from './digits.ts';
import { isHexDigit, skipLiteral, skipNumber, skipSpace } from './json-scalars.ts';

/** Bytes [start, end). */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A value whose key was asked for, anywhere below the top level. `topKey` is the top-level key it lies under. */
export interface Mark extends Span {
  readonly key: string;
  readonly topKey: string;
  readonly depth: number;
}

export interface JsonScan {
  /** Value spans of top-level keys; of a repeated key the last, as every parser reads it. */
  readonly values: ReadonlyMap<string, Span>;
  /** Top-level keys that came more than once. */
  readonly repeated: readonly string[];
  /** Asked-for nested keys with the start of their value; `end` is set for strings only, else equal to `start`. */
  readonly marks: readonly Mark[];
  /** Strings of at least `longStringBytes`, without quotes. */
  readonly longStrings: readonly Span[];
  readonly nonAsciiBytes: number;
}

const longStringBytes = 1024;
const maxDepth = 512;

/** The body is not JSON. `position` is the byte at which it stops being JSON. */
export class JsonSyntaxError extends Error {
  readonly position: number;

  constructor(reason: string, position: number) {
    super(`${reason} at byte ${position}`);
    this.name = 'JsonSyntaxError';
    this.position = position;
  }
}

/** 1 for what may follow a backslash, but for `u`. */
const simpleEscapes = new Uint8Array(256);
for (const byte of Buffer.from('"\\/bfnrt')) simpleEscapes[byte] = 1;

/** Shared by all scans: one never begins within another. */
const kinds = new Uint8Array(maxDepth + 1);

const emptyWatch: ReadonlySet<string> = new Set();

interface ScanState {
  readonly bytes: Buffer;
  readonly watch: WatchTable;
  /** 1 for an object, 0 for an array, by depth. */
  readonly kinds: Uint8Array;
  depth: number;
  isOpened: boolean;
  nonAsciiBytes: number;
  hasEscape: boolean;
  topKey: string;
  topStart: number;
  watched: string | undefined;
  readonly values: Map<string, Span>;
  readonly repeated: string[];
  readonly marks: Mark[];
  readonly longStrings: Span[];
}

/** Scans a body that must be one JSON object. Throws `JsonSyntaxError`. */
export function scanJson(bytes: Buffer, watch: ReadonlySet<string> = emptyWatch): JsonScan {
  const state: ScanState = {
    bytes,
    watch: watchTable(watch),
    kinds,
    depth: 0,
    isOpened: false,
    nonAsciiBytes: 0,
    hasEscape: false,
    topKey: '',
    topStart: 0,
    watched: undefined,
    values: new Map(),
    repeated: [],
    marks: [],
    longStrings: [],
  };
  beginRuns(bytes);
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== 0x7b) throw new JsonSyntaxError('expected a JSON object', at);
  do {
    at = beginValue(state, at);
    if (state.isOpened) continue;
    at = closeValues(state, at);
  } while (state.depth > 0);
  at = skipSpace(bytes, at);
  if (at < bytes.length) throw new JsonSyntaxError('unexpected text after the JSON object', at);
  state.nonAsciiBytes = wideBytes();
  if (state.nonAsciiBytes > 0 && !isUtf8(bytes)) throw new JsonSyntaxError('the body is not UTF-8', 0);
  return state;
}

/** Consumes a scalar or an empty container whole, or enters a container up to its first value (`isOpened`). */
function beginValue(state: ScanState, at: number): number {
  const { bytes } = state;
  const byte = bytes[at];
  state.isOpened = false;
  if (byte === 0x22) {
    const end = skipString(state, at);
    if (state.watched !== undefined) addMark(state, at, end);
    return end;
  }
  if (state.watched !== undefined) addMark(state, at, at);
  if (byte === 0x7b || byte === 0x5b) return openContainer(state, at, byte === 0x7b);
  const end =
    byte === 0x74 || byte === 0x66 || byte === 0x6e ? skipLiteral(bytes, at) : skipNumber(bytes, at);
  if (end < 0) throw unexpected(bytes, -end - 1);
  return end;
}

function openContainer(state: ScanState, at: number, isObject: boolean): number {
  const { bytes } = state;
  const first = skipSpace(bytes, at + 1);
  if (bytes[first] === (isObject ? 0x7d : 0x5d)) return first + 1;
  if (state.depth === maxDepth) throw new JsonSyntaxError(`nested deeper than ${maxDepth}`, at);
  state.depth++;
  state.kinds[state.depth] = isObject ? 1 : 0;
  state.isOpened = true;
  return isObject ? readKey(state, first) : first;
}

/** After a whole value: closes what ends here and stops at the next value, or at the end of the body. */
function closeValues(state: ScanState, from: number): number {
  const { bytes, kinds } = state;
  let at = from;
  while (state.depth > 0) {
    if (state.depth === 1) endTopValue(state, at);
    at = skipSpace(bytes, at);
    const byte = bytes[at];
    const isObject = kinds[state.depth] === 1;
    if (byte === 0x2c) {
      at = skipSpace(bytes, at + 1);
      return isObject ? readKey(state, at) : at;
    }
    if (byte !== (isObject ? 0x7d : 0x5d)) throw unexpected(bytes, at);
    state.depth--;
    at++;
  }
  return at;
}

function endTopValue(state: ScanState, end: number): void {
  if (state.values.has(state.topKey)) state.repeated.push(state.topKey);
  state.values.set(state.topKey, { start: state.topStart, end });
}

/** Reads `"key" :` and stops at the value. */
function readKey(state: ScanState, from: number): number {
  const { bytes } = state;
  if (bytes[from] !== 0x22) throw unexpected(bytes, from);
  const end = skipString(state, from);
  const colon = skipSpace(bytes, end);
  if (bytes[colon] !== 0x3a) throw unexpected(bytes, colon);
  const at = skipSpace(bytes, colon + 1);
  if (state.depth === 1) {
    state.topKey = keyText(state, from, end);
    state.topStart = at;
    state.watched = undefined;
  } else {
    state.watched = watchedKey(state, from, end);
  }
  return at;
}

function watchedKey(state: ScanState, from: number, end: number): string | undefined {
  if (state.hasEscape) return escapedKey(state, from, end);
  const candidates = state.watch[end - from - 2];
  if (candidates === undefined) return undefined;
  for (const { key, bytes } of candidates) {
    let at = 0;
    while (at < bytes.length && bytes[at] === state.bytes[from + 1 + at]) at++;
    if (at === bytes.length) return key;
  }
  return undefined;
}

/** A key spelled with escapes, such as `mod\u0065l`, is the same key. */
function escapedKey(state: ScanState, from: number, end: number): string | undefined {
  if (end - from > maxWatchedKeyBytes * 6) return undefined;
  const key = keyText(state, from, end);
  return state.watch[key.length]?.find((candidate) => candidate.key === key)?.key;
}

/** `hasEscape` still tells of the string just skipped, which is this key. */
function keyText(state: ScanState, from: number, end: number): string {
  return state.hasEscape
    ? (JSON.parse(state.bytes.toString('utf8', from, end)) as string)
    : nameAt(state.bytes, from + 1, end - 1);
}

function addMark(state: ScanState, start: number, end: number): void {
  const key = state.watched ?? '';
  state.watched = undefined;
  state.marks.push({ key, topKey: state.topKey, depth: state.depth, start, end });
}

/** From the opening quote to the byte after the closing one. */
function skipString(state: ScanState, from: number): number {
  const { bytes } = state;
  state.hasEscape = false;
  let at = plainRunEnd(bytes, from + 1);
  while (bytes[at] !== 0x22) {
    state.hasEscape = true;
    // The frequent escapes inline: text is full of them.
    const isSimple = bytes[at] === 0x5c && simpleEscapes[bytes[at + 1] as number] === 1;
    at = plainRunEnd(bytes, isSimple ? at + 2 : skipEscape(bytes, at));
  }
  if (at - from > longStringBytes) state.longStrings.push({ start: from + 1, end: at });
  return at + 1;
}

/** Anything in a string that is not a plain character: an escape sequence, or the reason to refuse the body. */
function skipEscape(bytes: Buffer, at: number): number {
  if (at >= bytes.length) throw unexpected(bytes, bytes.length);
  if (bytes[at] !== 0x5c) throw new JsonSyntaxError('unescaped control character in a string', at);
  const escaped = bytes[at + 1];
  if (escaped === undefined) throw unexpected(bytes, bytes.length);
  if (escaped === 0x75) {
    for (let digit = at + 2; digit < at + 6; digit++)
      if (!isHexDigit(bytes[digit])) throw unexpected(bytes, digit);
    return at + 6;
  }
  throw new JsonSyntaxError('unknown escape in a string', at);
}

function unexpected(bytes: Buffer, at: number): JsonSyntaxError {
  return new JsonSyntaxError(at >= bytes.length ? 'the body ends too early' : 'unexpected character', at);
}

/** The value at a span, parsed; for the short values the relay acts upon. */
export function readValue(bytes: Buffer, { start, end }: Span): unknown {
  if (isPlainText(bytes, start, end)) return bytes.toString('utf8', start + 1, end - 1);
  const whole = digitsAt(bytes, start, end);
  return Number.isNaN(whole) ? JSON.parse(bytes.toString('utf8', start, end)) : whole;
}

/** The same of a value that comes again with other bodies, and may be remembered: a name, nothing of a conversation. */
export function readName(bytes: Buffer, span: Span): unknown {
  const { start, end } = span;
  return isPlainText(bytes, start, end) ? nameAt(bytes, start + 1, end - 1) : readValue(bytes, span);
}

function isPlainText(bytes: Buffer, start: number, end: number): boolean {
  return bytes[start] === 0x22 && !hasBackslash(bytes, start, end);
}

function hasBackslash(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (bytes[at] === 0x5c) return true;
  return false;
}

/** A replacement of bytes [start, end); `end === start` inserts. */
interface ByteSplice {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/**
 * The body with its replacements, as parts for one vectored write: the body itself is never copied. Splices may come in
 * any order; at one place a replacement that ends there goes before an insertion. Throws on overlap, a programmer error.
 */
export function applySplices(body: Uint8Array, splices: readonly ByteSplice[]): Uint8Array[] {
  if (splices.length === 0) return [body];
  const ordered = [...splices].sort((left, right) => left.start - right.start || left.end - right.end);
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const splice of ordered) {
    if (splice.start < at || splice.end < splice.start || splice.end > body.length) {
      throw new RangeError(`splice ${splice.start}..${splice.end} does not fit`);
    }
    if (splice.start > at) parts.push(body.subarray(at, splice.start));
    if (splice.bytes.length > 0) parts.push(splice.bytes);
    at = splice.end;
  }
  if (at < body.length) parts.push(body.subarray(at));
  return parts;
}
