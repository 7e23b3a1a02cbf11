/**
 * OpenAI's legacy Completions: a prompt in, text choices out. Passed through where the upstream has it; otherwise its
 * clients are answered by chat models, so it has a client half alone (`decode-request.ts`, `encode-answer.ts`). Streams
 * and answers are read by what it shares with Chat Completions (`../openai-chunks.ts`). Begin with `inspect.ts`.
 */
import { limitTopLevel } from '../limit-output.ts';
import { createChunkPipe, readChunkUnary } from '../openai-chunks.ts';
import { encodeOpenAiError, encodeOpenAiStreamError } from '../openai-errors.ts';
import { commentKeepAlive } from '../keep-alive.ts';
import { openAiLimitHeaders } from '../limit-headers.ts';
import { readUpstreamFailure } from '../upstream-failure.ts';
import type { WireProtocol } from '../wire-protocol.ts';
import { decodeRequest } from './decode-request.ts';
import { createEncoder, encodeUnary } from './encode-answer.ts';
import { inspectCompletion } from './inspect.ts';

export const openaiCompletions: WireProtocol = {
  id: 'openai-completions',
  operations: ['complete'],
  inspect: inspectCompletion,
  limitOutput: (body, tokens) => limitTopLevel(body, ['max_tokens'], tokens),
  createPassthrough: createChunkPipe,
  readUnary: readChunkUnary,
  limitHeaders: openAiLimitHeaders,
  encodeError: encodeOpenAiError,
  encodeStreamError: encodeOpenAiStreamError,
  keepAlive: commentKeepAlive,
  streamContentType: 'text/event-stream; charset=utf-8',
  readFailure: readUpstreamFailure,
  clientTranslation: { decodeRequest, createEncoder, encodeUnary },
};
