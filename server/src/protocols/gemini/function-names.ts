import { encodeCallId, encodeName } from '../canonical/names.ts';
import type { CanonicalRequest } from '../canonical/request.ts';

/** Names as this wire takes them: dots and colons too, but a letter or an underscore first. */
const plainName = /^[A-Za-z_][\w.:-]{0,127}$/;

export function functionName(name: string): string {
  if (plainName.test(name)) return name;
  const encoded = encodeName(name, 64);
  return plainName.test(encoded) ? encoded : `_${encoded}`;
}

export function createFunctionNameRestorer(request: CanonicalRequest): (name: string) => string {
  const originals = new Map<string, string>();
  for (const tool of request.tools) {
    const encoded = functionName(tool.name);
    if (encoded !== tool.name) originals.set(encoded, tool.name);
  }
  return (name) => originals.get(name) ?? name;
}

/** Ids that this relay made for calls without one; the provider has never seen them. */
const synthesized = /^call_[0-9a-f]{16}$/;

/** The id to send, or none: the provider then pairs calls and responses by their order. */
export function callIdOf(id: string): string | undefined {
  return id === '' || synthesized.test(id) ? undefined : encodeCallId(id, 'call-', 64);
}
