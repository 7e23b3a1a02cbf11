import { rewritingTexts, unquoted } from '../canonical/rewrite-text.ts';
import type { Translation } from '../wire-protocol.ts';
import { countTokens } from './count-tokens.ts';
import { createDecoder, decodeUnary } from './decode-events.ts';
import { asksWord, decodeRequest } from './decode-request.ts';
import { createEncoder } from './encode-events.ts';
import { encodeRequest } from './encode-request.ts';
import { encodeUnary } from './encode-unary.ts';

/** Everything that translation needs of this protocol. */
export const geminiTranslation: Translation = {
  decodeRequest,
  createEncoder,
  encodeUnary,
  // A word of a list is told as it is; other protocols can only be held to it as JSON.
  wrapAnswers: (upstream, request) => (asksWord(request) ? rewritingTexts(upstream, unquoted) : upstream),
  encodeRequest,
  createDecoder,
  decodeUnary,
  count: countTokens,
  takesChoices: true,
};
