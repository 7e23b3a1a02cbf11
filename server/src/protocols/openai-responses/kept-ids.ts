import { applySplices } from '../../platform/json-scan.ts';
import type { KeptNames, Splice } from '../wire-protocol.ts';
import { rewriteItemIds } from './kept-items.ts';

/**
 * The ids under which a provider keeps responses, in the bytes of its answers: the values of a few keys and nothing else.
 * Text cannot look like one, because quotes within a string are escaped.
 */
const opening = Buffer.from('"resp_');
const keys = [Buffer.from('"id"'), Buffer.from('"previous_response_id"'), Buffer.from('"response_id"')];
const quote = 0x22;
const colon = 0x3a;
const maxIdBytes = 512;

export function rewriteKeptIds(bytes: Buffer, names: KeptNames): Buffer {
  const splices: Splice[] = names.item === undefined ? [] : [...rewriteItemIds(bytes, names.item)];
  for (let at = bytes.indexOf(opening); at !== -1; at = bytes.indexOf(opening, at + 1)) {
    const end = bytes.indexOf(quote, at + 1);
    if (end === -1 || end - at > maxIdBytes || !isValueOfKey(bytes, at)) continue;
    const id = bytes.toString('latin1', at + 1, end);
    splices.push({ start: at + 1, end, bytes: Buffer.from(names.answer(id)) });
  }
  return splices.length === 0 ? bytes : Buffer.concat(applySplices(bytes, splices));
}

function isValueOfKey(bytes: Buffer, valueStart: number): boolean {
  const colonAt = spaceStart(bytes, valueStart) - 1;
  if (bytes[colonAt] !== colon) return false;
  const keyEnd = spaceStart(bytes, colonAt);
  return keys.some((key) => {
    const start = keyEnd - key.length;
    return start >= 0 && bytes.compare(key, 0, key.length, start, keyEnd) === 0;
  });
}

/** Where the white space that ends at `end` begins. */
function spaceStart(bytes: Buffer, end: number): number {
  let at = end;
  while (at > 0 && (bytes[at - 1] ?? 0) <= 0x20) at -= 1;
  return at;
}
