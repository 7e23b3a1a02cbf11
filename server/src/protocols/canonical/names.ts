import { hashHex } from './hash.ts';
import type { CanonicalRequest } from './request.ts';

/**
 * Tool names and ids in the alphabet every wire takes. Both functions are pure, so the same history encodes to the same
 * bytes on every turn, and a call and its result get the same id without a table.
 */
const plainName = /^[A-Za-z0-9_-]+$/;

/** A name that fits goes unchanged; any other is cleaned and gets a hash of the original, so that two never meet. */
export function encodeName(name: string, maxLength: number): string {
  if (plainName.test(name) && name.length <= maxLength) return name;
  const cleaned = name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, maxLength - 7);
  return `${cleaned}_${hashHex(name).slice(0, 6)}`;
}

/** Turns encoded names of this request's tools back into the client's. */
export function createNameRestorer(request: CanonicalRequest, maxLength: number): (name: string) => string {
  const originals = new Map<string, string>();
  for (const tool of request.tools) {
    const encoded = encodeName(tool.name, maxLength);
    if (encoded !== tool.name) originals.set(encoded, tool.name);
  }
  return originals.size === 0 ? (name) => name : (name) => originals.get(name) ?? name;
}

/** A call id that fits goes unchanged: signed reasoning covers ids. Any other becomes `prefix` and a hash. */
export function encodeCallId(id: string, prefix: string, maxLength: number): string {
  return plainName.test(id) && id.length <= maxLength ? id : `${prefix}${hashHex(id)}`;
}

/** The id of a call to which the upstream gave none. */
export function synthesizeCallId(seed: string, position: number): string {
  return `call_${hashHex(`${seed}/${position}`)}`;
}
