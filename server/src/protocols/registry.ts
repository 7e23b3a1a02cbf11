/**
 * The wire protocols by name. Pure half-codecs in one folder each: requests in, envelopes out; upstream bytes in, client
 * bytes, usage and failures out. Nothing here does I/O, reads a clock or knows an upstream account. Shared by several:
 * `stream-pipe.ts` (the passthrough engine), `request-scan.ts` and `input-estimate.ts` (reading requests),
 * `upstream-failure.ts` (reading errors), `openai-*.ts`. Begin with `wire-protocol.ts`, the contract.
 */
import { anthropicMessages } from './anthropic-messages/index.ts';
import { bedrockConverse } from './bedrock-converse/index.ts';
import type { ClientProtocolId, ProtocolId } from './canonical/request.ts';
import { gemini } from './gemini/index.ts';
import { openaiChat } from './openai-chat/index.ts';
import { openaiCompletions } from './openai-completions/index.ts';
import { openaiEmbeddings } from './openai-embeddings/index.ts';
import { openaiResponses } from './openai-responses/index.ts';
import type { UpstreamProtocol, WireProtocol } from './wire-protocol.ts';

export const protocolRegistry: Readonly<Record<ClientProtocolId, WireProtocol>> = {
  'anthropic-messages': anthropicMessages,
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'openai-completions': openaiCompletions,
  'openai-embeddings': openaiEmbeddings,
  gemini,
};

/** What upstreams speak: all of these, and what no client does. */
export const upstreamProtocols: Readonly<Record<ProtocolId, UpstreamProtocol>> = {
  ...protocolRegistry,
  'bedrock-converse': bedrockConverse,
};
