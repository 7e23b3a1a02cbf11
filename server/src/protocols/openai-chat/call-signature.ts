import { asObject, asText } from '../canonical/read-json.ts';
import type { JsonObject, Opaque } from '../canonical/request.ts';

/** The signature of a call as Google's own endpoint of this protocol carries it: clients send the call back whole. */
export function encodeCallSignature(opaque: Opaque | undefined): JsonObject {
  if (opaque?.kind !== 'thought-signature') return {};
  return { extra_content: { google: { thought_signature: opaque.value } } };
}

export function decodeCallSignature(call: JsonObject, model: string): { readonly opaque?: Opaque } {
  const google = asObject(asObject(call['extra_content'])?.['google']);
  const value = asText(google?.['thought_signature']);
  if (value === undefined) return {};
  return { opaque: { kind: 'thought-signature', value, origin: { protocol: 'gemini', model } } };
}
