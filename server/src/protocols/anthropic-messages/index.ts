/**
 * Anthropic Messages: requests read without decoding, streams passed through by their event names, usage merged field
 * by field, and (in its other files) the half-codecs of translation. Knows no other protocol.
 * Begin with `inspect.ts` and `passthrough.ts`.
 */
import { limitTopLevel } from '../limit-output.ts';
import { anthropicLimitHeaders } from '../limit-headers.ts';
import { readUpstreamFailure } from '../upstream-failure.ts';
import type { WireProtocol } from '../wire-protocol.ts';
import { encodeMessagesError, encodeMessagesStreamError } from './errors.ts';
import { inspectMessages } from './inspect.ts';
import { readMessagesUnary } from './meter.ts';
import { createMessagesPipe } from './passthrough.ts';
import { stripEnvelopes } from './strip-envelopes.ts';
import { anthropicMessagesTranslation } from './translation.ts';

export const anthropicMessages: WireProtocol = {
  id: 'anthropic-messages',
  operations: ['generate', 'count-tokens'],
  inspect: inspectMessages,
  limitOutput: (body, tokens) => limitTopLevel(body, ['max_tokens'], tokens),
  stripEnvelopes,
  createPassthrough: createMessagesPipe,
  readUnary: readMessagesUnary,
  limitHeaders: anthropicLimitHeaders,
  encodeError: encodeMessagesError,
  encodeStreamError: encodeMessagesStreamError,
  // An event of its own, since clients drop frames without a name.
  keepAlive: Buffer.from('event: ping\ndata: {"type": "ping"}\n\n'),
  streamContentType: 'text/event-stream; charset=utf-8',
  readFailure: readUpstreamFailure,
  translation: anthropicMessagesTranslation,
};
