import { asArray, asObject, asString } from '../canonical/read-json.ts';
import type { Json } from '../canonical/request.ts';
import type { Span } from '../../platform/json-scan.ts';
import type { KeptItem, Splice } from '../wire-protocol.ts';

/**
 * The ids of single items of kept answers, in the bytes of answers and requests: values of `id` and `item_id` and nothing
 * else. Clients send them back in place of the items (Vercel's AI SDK does by default), and only the account that keeps
 * an item knows it.
 */
const idEnd = Buffer.from('id"');
const itemIdStart = Buffer.from('"item_id"');
const quote = 0x22;
const colon = 0x3a;
const maxIdBytes = 256;
const itemId = /^(?:msg|rs|fc|ctc|ws|fs|ci|cu|ig|cmp|mcp|mcpl|mcpr|lsh|sh|apc|tsc|tso)_[\w-]+$/;

export function rewriteItemIds(bytes: Buffer, toClient: (id: string) => string): readonly Splice[] {
  const splices: Splice[] = [];
  // A list of items is paged by their ids, which only the provider knows.
  if (/^\s*\{\s*"object"\s*:\s*"list"/.test(bytes.toString('latin1', 0, 64))) return splices;
  for (let at = bytes.indexOf(idEnd); at !== -1; at = bytes.indexOf(idEnd, at + idEnd.length)) {
    const value = isKey(bytes, at) ? valueAfter(bytes, at + idEnd.length) : undefined;
    if (value === undefined) continue;
    const id = bytes.toString('latin1', value.start, value.end);
    if (itemId.test(id)) splices.push({ ...value, bytes: Buffer.from(toClient(id)) });
  }
  return splices;
}

/** True where `id"` at this place ends the key `"id"` or `"item_id"`. */
function isKey(bytes: Buffer, at: number): boolean {
  if (bytes[at - 1] === quote) return true;
  const start = at + idEnd.length - itemIdStart.length;
  return start >= 0 && bytes.compare(itemIdStart, 0, itemIdStart.length, start, at + idEnd.length) === 0;
}

/** The text between the quotes of the value that follows a key, if it is short. */
function valueAfter(bytes: Buffer, keyEnd: number): Span | undefined {
  const colonAt = spaceEnd(bytes, keyEnd);
  if (bytes[colonAt] !== colon) return undefined;
  const start = spaceEnd(bytes, colonAt + 1) + 1;
  if (bytes[start - 1] !== quote) return undefined;
  const end = bytes.indexOf(quote, start);
  return end === -1 || end - start > maxIdBytes ? undefined : { start, end };
}

function spaceEnd(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && (bytes[at] ?? 0) <= 0x20) at += 1;
  return at;
}

/** What every id of ours has in it, so that other requests are not looked through. */
const ours = Buffer.from('_qz');

/** Items that the input of a request refers to by ids of ours. `input` is its span in the body. */
export function keptItems(body: Buffer, input: Span | undefined): readonly KeptItem[] {
  if (input === undefined) return [];
  const bytes = body.subarray(input.start, input.end);
  if (!bytes.includes(ours)) return [];
  const found: { readonly id: string; readonly start: number; readonly end: number }[] = [];
  rewriteItemIds(bytes, () => '').forEach(({ start, end }) => {
    const id = bytes.toString('latin1', start, end);
    if (id.includes('_qz')) found.push({ id, start: input.start + start, end: input.start + end });
  });
  if (found.length === 0) return [];
  const needed = neededIds(JSON.parse(bytes.toString()) as Json);
  return found.map(({ id, start, end }) => ({ id, span: [start, end], isNeeded: needed.has(id) }));
}

/** Items that stand for what the provider keeps; a whole item does without, except for reasoning that is not sealed. */
function neededIds(input: Json): ReadonlySet<string> {
  const ids = (asArray(input) ?? []).flatMap((value) => {
    const item = asObject(value) ?? {};
    const type = asString(item['type']) ?? (item['role'] === undefined ? 'item_reference' : 'message');
    const isBare = type === 'reasoning' && (item['encrypted_content'] ?? null) === null;
    return type === 'item_reference' || isBare ? [asString(item['id']) ?? ''] : [];
  });
  return new Set(ids);
}
