/**
 * OpenAI Chat Completions, and everything compatible with it. Reads requests without decoding them, passes streams
 * through frame by frame, meters and classifies. What it shares with the other OpenAI wires lies one folder up
 * (`openai-*.ts`). Begin with `inspect.ts`, then `../openai-chunks.ts`.
 */
import { limitTopLevel } from '../limit-output.ts';
import { createChunkPipe, readChunkUnary } from '../openai-chunks.ts';
import { encodeOpenAiError, encodeOpenAiStreamError } from '../openai-errors.ts';
import { commentKeepAlive } from '../keep-alive.ts';
import { openAiLimitHeaders } from '../limit-headers.ts';
import { readUpstreamFailure } from '../upstream-failure.ts';
import type { WireProtocol } from '../wire-protocol.ts';
import { inspectChat } from './inspect.ts';
import { stripEnvelopes } from './strip-envelopes.ts';
import { openaiChatTranslation } from './translation.ts';

export const openaiChat: WireProtocol = {
  id: 'openai-chat',
  operations: ['generate'],
  inspect: inspectChat,
  limitOutput: (body, tokens) => limitTopLevel(body, ['max_completion_tokens', 'max_tokens'], tokens),
  stripEnvelopes,
  createPassthrough: createChunkPipe,
  readUnary: readChunkUnary,
  limitHeaders: openAiLimitHeaders,
  encodeError: encodeOpenAiError,
  encodeStreamError: encodeOpenAiStreamError,
  keepAlive: commentKeepAlive,
  streamContentType: 'text/event-stream; charset=utf-8',
  readFailure: readUpstreamFailure,
  translation: openaiChatTranslation,
};
