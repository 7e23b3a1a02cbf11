import { readThinkingMark, writeThinkingMark } from '../canonical/foreign-thinking.ts';
import type { Opaque, Origin } from '../canonical/request.ts';

/**
 * Thought signatures are base64 on this wire, and some clients decode them. The provider's own go as they are; what
 * belongs to another origin travels in a mark of ours, which is base64 too.
 */
const protocol = 'gemini';

/** Documented stand-in for a call that another model made; the provider then checks nothing. */
export const standIn = 'skip_thought_signature_validator';

/** A signature that comes back from a client: the provider's, or a mark that says whose reasoning it stands for. */
export interface ReadSignature {
  readonly origin: Origin;
  readonly opaque?: Opaque;
}

export function readSignature(signature: string, model: string): ReadSignature {
  const mark = readThinkingMark(Buffer.from(signature, 'base64').toString('latin1'));
  if (mark !== undefined) return mark;
  const origin = { protocol, model } as const;
  return { origin, opaque: { kind: 'thought-signature', value: signature, origin } };
}

export function writeSignature(opaque: Opaque): string {
  if (isOwn(opaque)) return opaque.value;
  return Buffer.from(writeThinkingMark(opaque.origin, opaque), 'latin1').toString('base64');
}

/** For reasoning without a signature: it says where the text may go back to, and nothing else. */
export function writeOriginMark(origin: Origin): string {
  return Buffer.from(writeThinkingMark(origin), 'latin1').toString('base64');
}

export function isOwn(opaque: Opaque): boolean {
  return opaque.kind === 'thought-signature' && opaque.origin.protocol === protocol;
}
