import type { ClientProtocol } from './strict/index.ts';

/** A stream that goes on as long as anybody likes: how it opens, and an event with some text. */
export interface LongStream {
  readonly upstream: ClientProtocol;
  readonly opening: string;
  readonly delta: (text: string) => string;
}

const event = (type: string, fields: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const data = (payload: object): string => `data: ${JSON.stringify(payload)}\n\n`;

const usage = { input_tokens: 9, output_tokens: 1 };
const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], usage };
const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
const chunk = (delta: object): string =>
  data({
    id: 'c1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: null }],
  });

export const longStreams: readonly LongStream[] = [
  {
    upstream: 'anthropic-messages',
    opening:
      event('message_start', { message }) +
      event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    delta: (text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
  },
  {
    upstream: 'openai-chat',
    opening: chunk({ role: 'assistant', content: '' }),
    delta: (text) => chunk({ content: text }),
  },
  {
    upstream: 'openai-responses',
    opening:
      event('response.created', { response: { id: 'resp_1', model: 'm', output: [] } }) +
      event('response.output_item.added', {
        output_index: 0,
        item: { id: 'msg_1', type: 'message', role: 'assistant', content: [] },
      }) +
      event('response.content_part.added', { ...place, part: { type: 'output_text', text: '' } }),
    delta: (text) => event('response.output_text.delta', { ...place, delta: text }),
  },
  {
    upstream: 'gemini',
    opening: data({ candidates: [], modelVersion: 'm', responseId: 'r' }),
    delta: (text) =>
      data({
        candidates: [{ content: { role: 'model', parts: [{ text }] }, index: 0 }],
        modelVersion: 'm',
        responseId: 'r',
      }),
  },
];
