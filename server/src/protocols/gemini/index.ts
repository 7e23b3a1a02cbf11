/**
 * Gemini generateContent and its neighbours (streaming as events or as a JSON array, counting, embedding): requests
 * read without decoding, streams passed through, the last chunk held back until the bytes end, usage read from the
 * last report. Translation goes through the canonical model, both halves. Knows no other protocol. Begin with
 * `inspect.ts` and `passthrough.ts`, or with `translation.ts`.
 */
import { limitGenerationConfig } from '../limit-output.ts';
import { commentKeepAlive } from '../keep-alive.ts';
import { readUpstreamFailure } from '../upstream-failure.ts';
import type { WireProtocol } from '../wire-protocol.ts';
import { encodeGeminiError, encodeGeminiStreamError } from './errors.ts';
import { inspectGemini } from './inspect.ts';
import { readGeminiUnary } from './meter.ts';
import { createGeminiPipe } from './passthrough.ts';
import { stripEnvelopes } from './strip-envelopes.ts';
import { geminiTranslation } from './translation.ts';

export const gemini: WireProtocol = {
  id: 'gemini',
  operations: ['generate', 'embed', 'count-tokens'],
  inspect: inspectGemini,
  limitOutput: (body, tokens) => limitGenerationConfig(body, tokens),
  stripEnvelopes,
  createPassthrough: createGeminiPipe,
  readUnary: readGeminiUnary,
  encodeError: encodeGeminiError,
  encodeStreamError: encodeGeminiStreamError,
  keepAlive: commentKeepAlive,
  streamContentType: 'text/event-stream',
  readFailure: readUpstreamFailure,
  translation: geminiTranslation,
};
