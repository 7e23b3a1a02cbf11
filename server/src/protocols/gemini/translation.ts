import type { Translation } from '../wire-protocol.ts';
import { countTokens } from './count-tokens.ts';
import { createDecoder, decodeUnary } from './decode-events.ts';
import { decodeRequest } from './decode-request.ts';
import { createEncoder } from './encode-events.ts';
import { encodeRequest } from './encode-request.ts';
import { encodeUnary } from './encode-unary.ts';

/** Everything that translation needs of this protocol. */
export const geminiTranslation: Translation = {
  decodeRequest,
  createEncoder,
  encodeUnary,
  encodeRequest,
  createDecoder,
  decodeUnary,
  count: countTokens,
  takesChoices: true,
};
