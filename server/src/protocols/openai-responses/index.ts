/**
 * OpenAI Responses: requests read without decoding, streams passed through by their event names up to the one terminal
 * event, usage read from the response object; both halves of translation. What the provider keeps between
 * calls is only referred to (`kept-ids.ts`), never kept. Begin with `inspect.ts` and `passthrough.ts`, and for translation with `translation.ts`.
 */
import { limitTopLevel } from '../limit-output.ts';
import { commentKeepAlive } from '../keep-alive.ts';
import { encodeOpenAiError } from '../openai-errors.ts';
import { openAiLimitHeaders } from '../limit-headers.ts';
import { readUpstreamFailure } from '../upstream-failure.ts';
import type { WireProtocol } from '../wire-protocol.ts';
import { encodeResponseStreamError } from './errors.ts';
import { inspectResponse } from './inspect.ts';
import { readLater, readResponseUnary } from './meter.ts';
import { createResponsePipe } from './passthrough.ts';
import { rewriteKeptIds } from './kept-ids.ts';
import { stripEnvelopes } from './strip-envelopes.ts';
import { openaiResponsesTranslation } from './translation.ts';

export const openaiResponses: WireProtocol = {
  id: 'openai-responses',
  operations: ['generate', 'count-tokens', 'compact', 'stored'],
  inspect: inspectResponse,
  limitOutput: (body, tokens) => limitTopLevel(body, ['max_output_tokens'], tokens),
  stripEnvelopes,
  rewriteKeptIds,
  createPassthrough: createResponsePipe,
  readUnary: readResponseUnary,
  readLater,
  limitHeaders: openAiLimitHeaders,
  encodeError: encodeOpenAiError,
  encodeStreamError: encodeResponseStreamError,
  keepAlive: commentKeepAlive,
  streamContentType: 'text/event-stream; charset=utf-8',
  readFailure: readUpstreamFailure,
  translation: openaiResponsesTranslation,
};
