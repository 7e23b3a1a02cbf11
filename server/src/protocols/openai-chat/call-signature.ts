import { asObject, asObjects, asText } from '../canonical/read-json.ts';
import { isEnvelope } from '../canonical/envelope.ts';
import type { JsonObject, Opaque } from '../canonical/request.ts';

/** What stands on a call and only its origin can read, and the envelope of ours it travels in. */
interface CallSignature {
  readonly opaque?: Opaque;
  readonly envelope?: string;
}

/** The signature of a call where Google's own endpoint of this protocol carries it: clients send the call back whole. */
export function encodeCallSignature({ opaque, envelope }: CallSignature): JsonObject {
  const own = opaque?.kind === 'thought-signature' ? opaque.value : undefined;
  const signature = envelope ?? own;
  return signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } };
}

export function decodeCallSignature(call: JsonObject, model: string): CallSignature {
  const google = asObject(asObject(call['extra_content'])?.['google']);
  const value = asText(google?.['thought_signature']);
  if (value === undefined) return {};
  if (isEnvelope(value)) return { envelope: value };
  return { opaque: { kind: 'thought-signature', value, origin: { protocol: 'gemini', model } } };
}

/**
 * Reasoning that only its origin can read, in the field that clients of this wire send back with the message. Its words
 * are in `reasoning_content`, all blocks of a message together; the envelopes know how much of it is whose.
 */
export function encodeReasoningDetail(held: CallSignature, isShown: boolean): JsonObject | undefined {
  const { opaque, envelope } = held;
  if (envelope === undefined) return undefined;
  // A signature is of no use without the words that it signs, nor is an origin without words of its own.
  if ((opaque === undefined || opaque.kind === 'signature') && !isShown) return undefined;
  return { type: 'reasoning.encrypted', data: envelope };
}

export function decodeReasoningDetails(message: JsonObject): readonly string[] {
  return asObjects(message['reasoning_details']).flatMap((detail) => {
    const data = asText(detail['data']);
    return data !== undefined && isEnvelope(data) ? [data] : [];
  });
}
