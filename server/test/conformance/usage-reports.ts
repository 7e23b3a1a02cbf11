import type { CanonicalEvent } from '../../src/protocols/canonical/events.ts';
import type { CanonicalRequest, JsonObject } from '../../src/protocols/canonical/request.ts';
import { bedrockConverse } from '../../src/protocols/bedrock-converse/index.ts';
import { protocolRegistry } from '../../src/protocols/registry.ts';
import type { UpstreamTranslation } from '../../src/protocols/wire-protocol.ts';

/** One answer of every upstream, whole and in pieces, with a count in every class of tokens that it tells apart. */
export type UpstreamName =
  | 'anthropic-messages'
  | 'openai-responses'
  | 'openai-chat'
  | 'gemini'
  | 'bedrock-converse';

interface Report {
  readonly whole: JsonObject;
  readonly stream: readonly JsonObject[];
  /** Where frames carry their name beside their JSON. */
  readonly nameOf?: (frame: JsonObject) => string;
}

const anthropicUsage = {
  input_tokens: 100,
  cache_creation_input_tokens: 12,
  cache_read_input_tokens: 40,
  cache_creation: { ephemeral_5m_input_tokens: 7, ephemeral_1h_input_tokens: 5 },
  output_tokens: 30,
  output_tokens_details: { thinking_tokens: 12 },
};
const anthropicMessage = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', stop_sequence: null };
const responsesUsage = {
  input_tokens: 152,
  input_tokens_details: {
    cached_tokens: 40,
    cache_write_tokens: 12,
    cache_write_tokens_details: { ttl_30m_tokens: 7, ttl_12h_tokens: 5 },
  },
  output_tokens: 30,
  output_tokens_details: { reasoning_tokens: 12 },
  total_tokens: 182,
};
const responsesMessage = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: 'so', annotations: [] }],
};
const response = { id: 'resp_1', object: 'response', created_at: 1, model: 'm', error: null };
const chatUsage = {
  prompt_tokens: 152,
  completion_tokens: 30,
  total_tokens: 182,
  prompt_tokens_details: { cached_tokens: 40, cache_write_tokens: 12, audio_tokens: 3, image_tokens: 2 },
  completion_tokens_details: { reasoning_tokens: 12, audio_tokens: 4 },
};
const geminiUsage = {
  promptTokenCount: 140,
  cachedContentTokenCount: 40,
  toolUsePromptTokenCount: 9,
  candidatesTokenCount: 18,
  thoughtsTokenCount: 12,
  totalTokenCount: 179,
  promptTokensDetails: [
    { modality: 'TEXT', tokenCount: 133 },
    { modality: 'AUDIO', tokenCount: 5 },
    { modality: 'IMAGE', tokenCount: 2 },
  ],
  cacheTokensDetails: [
    { modality: 'TEXT', tokenCount: 38 },
    { modality: 'AUDIO', tokenCount: 2 },
  ],
  candidatesTokensDetails: [{ modality: 'AUDIO', tokenCount: 4 }],
};
const candidate = { content: { role: 'model', parts: [{ text: 'so' }] }, index: 0 };
const converseUsage = {
  inputTokens: 100,
  outputTokens: 30,
  totalTokens: 182,
  cacheReadInputTokens: 40,
  cacheWriteInputTokens: 12,
  cacheDetails: [
    { ttl: '5m', inputTokens: 7 },
    { ttl: '1h', inputTokens: 5 },
  ],
};

const byType = (frame: JsonObject): string => frame['type'] as string;

export const reports: Readonly<Record<UpstreamName, Report>> = {
  'anthropic-messages': {
    whole: {
      ...anthropicMessage,
      content: [{ type: 'text', text: 'so' }],
      stop_reason: 'end_turn',
      usage: anthropicUsage,
    },
    // The start counts the whole prompt as fresh; the end replaces field by field what it repeats.
    stream: [
      {
        type: 'message_start',
        message: {
          ...anthropicMessage,
          content: [],
          stop_reason: null,
          usage: { ...anthropicUsage, input_tokens: 152, output_tokens: 1, output_tokens_details: null },
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'so' } },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { input_tokens: 100, output_tokens: 30, output_tokens_details: { thinking_tokens: 12 } },
      },
      { type: 'message_stop' },
    ],
    nameOf: byType,
  },
  'openai-responses': {
    whole: { ...response, status: 'completed', output: [responsesMessage], usage: responsesUsage },
    stream: [
      { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { ...responsesMessage, status: 'in_progress', content: [] },
      },
      {
        type: 'response.output_text.delta',
        output_index: 0,
        content_index: 0,
        item_id: 'msg_1',
        delta: 'so',
      },
      { type: 'response.output_item.done', output_index: 0, item: responsesMessage },
      {
        type: 'response.completed',
        response: { ...response, status: 'completed', output: [responsesMessage], usage: responsesUsage },
      },
    ],
    nameOf: byType,
  },
  'openai-chat': {
    whole: {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: 'so' }, finish_reason: 'stop' }],
      usage: chatUsage,
    },
    stream: [
      { id: 'chatcmpl-1', model: 'm', choices: [{ index: 0, delta: { role: 'assistant', content: 'so' } }] },
      { id: 'chatcmpl-1', model: 'm', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
      { id: 'chatcmpl-1', model: 'm', choices: [], usage: chatUsage },
    ],
  },
  gemini: {
    whole: {
      candidates: [{ ...candidate, finishReason: 'STOP' }],
      usageMetadata: geminiUsage,
      modelVersion: 'm',
      responseId: 'r1',
    },
    // Counts grow from chunk to chunk; the last stands.
    stream: [
      {
        candidates: [candidate],
        usageMetadata: { promptTokenCount: 140, totalTokenCount: 140 },
        modelVersion: 'm',
        responseId: 'r1',
      },
      {
        candidates: [
          { ...candidate, content: { role: 'model', parts: [{ text: '' }] }, finishReason: 'STOP' },
        ],
        usageMetadata: geminiUsage,
        modelVersion: 'm',
        responseId: 'r1',
      },
    ],
  },
  'bedrock-converse': {
    whole: {
      output: { message: { role: 'assistant', content: [{ text: 'so' }] } },
      stopReason: 'end_turn',
      usage: converseUsage,
    },
    stream: [
      { messageStart: { role: 'assistant' } },
      { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'so' } } },
      { contentBlockStop: { contentBlockIndex: 0 } },
      { messageStop: { stopReason: 'end_turn' } },
      { metadata: { usage: converseUsage } },
    ],
  },
};

function translationOf(upstream: UpstreamName): UpstreamTranslation {
  const protocol = upstream === 'bedrock-converse' ? bedrockConverse : protocolRegistry[upstream];
  if (protocol.translation === undefined) throw new Error(`${upstream} translates nothing`);
  return protocol.translation;
}

/** Both forms of the answer as the relay reads them. */
export function answersOf(
  upstream: UpstreamName,
  asked: CanonicalRequest,
): Readonly<Record<'a whole answer' | 'a stream', readonly CanonicalEvent[]>> {
  const { whole, stream, nameOf } = reports[upstream];
  const translation = translationOf(upstream);
  const decoder = translation.createDecoder(asked);
  const isNamedByKey = upstream === 'bedrock-converse';
  const pieces = stream.flatMap((frame) => {
    const [[key, inner] = ['', {}]] = Object.entries(frame);
    return isNamedByKey
      ? decoder.push(key, JSON.stringify(inner))
      : decoder.push(nameOf?.(frame), JSON.stringify(frame));
  });
  return {
    'a whole answer': translation.decodeUnary(whole, asked),
    'a stream': [...pieces, ...decoder.finish()],
  };
}
