/**
 * OpenAI embeddings: text in, vectors out, never streamed. Only passed through. Begin with `inspect.ts` and `meter.ts`.
 */
import { createChunkPipe } from '../openai-chunks.ts';
import { encodeOpenAiError, encodeOpenAiStreamError } from '../openai-errors.ts';
import { commentKeepAlive } from '../keep-alive.ts';
import { openAiLimitHeaders } from '../limit-headers.ts';
import { readUpstreamFailure } from '../upstream-failure.ts';
import type { WireProtocol } from '../wire-protocol.ts';
import { inspectEmbedding } from './inspect.ts';
import { readEmbeddingUnary } from './meter.ts';

export const openaiEmbeddings: WireProtocol = {
  id: 'openai-embeddings',
  operations: ['embed'],
  inspect: inspectEmbedding,
  createPassthrough: createChunkPipe,
  readUnary: readEmbeddingUnary,
  limitHeaders: openAiLimitHeaders,
  encodeError: encodeOpenAiError,
  encodeStreamError: encodeOpenAiStreamError,
  keepAlive: commentKeepAlive,
  streamContentType: 'text/event-stream; charset=utf-8',
  readFailure: readUpstreamFailure,
};
