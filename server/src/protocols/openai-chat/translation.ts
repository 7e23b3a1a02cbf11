import { takingObjectRoots } from '../canonical/object-root.ts';
import { splittingParallel } from '../canonical/split-parallel.ts';
import type { Translation } from '../wire-protocol.ts';
import { createDecoder, decodeUnary } from './decode-events.ts';
import { decodeRequest } from './decode-request.ts';
import { maxNameLength } from './encode-context.ts';
import { createEncoder } from './encode-events.ts';
import { encodeRequest } from './encode-request.ts';
import { encodeUnary } from './encode-unary.ts';

/** Chat Completions in translation: its client half and its upstream half. */
const plain: Translation = {
  decodeRequest,
  createEncoder,
  encodeUnary,
  encodeRequest,
  createDecoder,
  decodeUnary,
  takesChoices: true,
};

/** Schemas of other protocols may have any root; this one takes objects. */
export const openaiChatTranslation: Translation = takingObjectRoots(
  splittingParallel(plain, maxNameLength),
  ({ origin }) => origin === 'openai-chat',
);
