import Anthropic, { APIError } from '@anthropic-ai/sdk';
import type {
  Conversation,
  ConversationOptions,
  MatrixClient,
  RelayAddress,
  Seen,
  Turn,
} from './conversation.ts';
import { toolSchema } from './scenarios.ts';

type Params = Anthropic.MessageCreateParamsNonStreaming;

/** The official client on Anthropic Messages. */
export function messagesClient({ url, key }: RelayAddress): MatrixClient {
  const anthropic = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 });
  return {
    protocol: 'anthropic-messages',
    open: (options) => openConversation(anthropic, options),
    async abort(model, prompt) {
      const stream = await anthropic.messages.create({
        model,
        max_tokens: 500,
        messages: [{ role: 'user', content: prompt }],
        stream: true,
      });
      for await (const event of stream) if (event.type === 'content_block_delta') break;
    },
    statusOf: (error) => (error instanceof APIError ? (error.status as number | undefined) : undefined),
  };
}

function openConversation(anthropic: Anthropic, options: ConversationOptions): Conversation {
  const history: Anthropic.MessageParam[] = [];
  const common: Omit<Params, 'messages'> = {
    model: options.model,
    max_tokens: 4_000,
    ...(options.thinks === true ? { thinking: { type: 'enabled', budget_tokens: 2_000 } } : {}),
    ...(options.tools === undefined ? {} : { tools: options.tools.map(declared) }),
    ...(options.schema === undefined
      ? {}
      : { output_config: { format: { type: 'json_schema', schema: { ...options.schema } } } }),
  };
  return {
    async ask(turn) {
      history.push({ role: 'user', content: contentOf(turn) });
      const params = { ...common, messages: history };
      const message =
        turn.isStreamed === true
          ? await anthropic.messages.stream(params).finalMessage()
          : await anthropic.messages.create(params);
      history.push({ role: 'assistant', content: message.content });
      return seen(message);
    },
  };
}

function seen({ content, usage }: Anthropic.Message): Seen {
  return {
    text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    reasoning: content.map((block) => (block.type === 'thinking' ? block.thinking : '')).join(''),
    calls: content.flatMap((block) =>
      block.type === 'tool_use' ? [{ id: block.id, name: block.name, input: block.input }] : [],
    ),
    outputTokens: usage.output_tokens,
    reasoningTokens: usage.output_tokens_details?.thinking_tokens ?? 0,
  };
}

function contentOf({ text = '', image, results }: Turn): Anthropic.ContentBlockParam[] {
  if (results !== undefined) {
    return results.map(({ call, text: content }) => ({ type: 'tool_result', tool_use_id: call.id, content }));
  }
  const picture: Anthropic.ContentBlockParam[] =
    image === undefined
      ? []
      : [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: image } }];
  return [...picture, { type: 'text', text }];
}

function declared(name: string): Anthropic.Tool {
  return { name, input_schema: { ...toolSchema } };
}
