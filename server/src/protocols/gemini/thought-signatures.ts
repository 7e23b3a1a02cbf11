import { isEnvelope } from '../canonical/envelope.ts';
import type { Opaque, Origin } from '../canonical/request.ts';

/**
 * Thought signatures are base64 on this wire, and some clients decode them. The provider's own go as they are; what
 * belongs to another origin travels in an envelope of ours, which is base64 too.
 */
const protocol = 'gemini';

/** Documented stand-in for a call that another model made; the provider then checks nothing. */
export const standIn = 'skip_thought_signature_validator';

/** A signature that comes back from a client: the provider's, or an envelope that is opened later. */
export interface ReadSignature {
  readonly origin?: Origin;
  readonly opaque?: Opaque;
  readonly envelope?: string;
}

export function readSignature(signature: string, model: string): ReadSignature {
  if (isEnvelope(signature)) return { envelope: signature };
  const origin = { protocol, model } as const;
  return { origin, opaque: { kind: 'thought-signature', value: signature, origin } };
}

/** What a client is given to bring back: the provider's own signature, or the envelope of another origin. */
export function writeSignature(held: {
  readonly opaque?: Opaque;
  readonly envelope?: string;
}): string | undefined {
  return held.opaque !== undefined && isOwn(held.opaque) ? held.opaque.value : held.envelope;
}

export function isOwn(opaque: Opaque): boolean {
  return opaque.kind === 'thought-signature' && opaque.origin.protocol === protocol;
}
