import OpenAI, { APIError } from 'openai';
import type {
  Conversation,
  ConversationOptions,
  MatrixClient,
  RelayAddress,
  Seen,
  Turn,
} from './conversation.ts';
import { mergeDelta, type Fields } from './merge-delta.ts';
import { toolSchema } from './scenarios.ts';

type Message = OpenAI.ChatCompletionMessageParam;
type Asked = OpenAI.ChatCompletionCreateParams;

/** The official client on Chat Completions. */
export function chatClient({ url, key }: RelayAddress): MatrixClient {
  const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
  return {
    protocol: 'openai-chat',
    open: (options) => openConversation(openai, options),
    async abort(model, prompt) {
      const stream = await openai.chat.completions.create({
        model,
        messages: [{ role: 'user', content: prompt }],
        stream: true,
      });
      for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    },
    statusOf: (error) => (error instanceof APIError ? (error.status as number | undefined) : undefined),
  };
}

function openConversation(openai: OpenAI, options: ConversationOptions): Conversation {
  const history: Message[] = [];
  const common = {
    model: options.model,
    ...(options.thinks === true ? { reasoning_effort: 'medium' as const } : {}),
    ...(options.tools === undefined ? {} : { tools: options.tools.map(declared) }),
    ...(options.schema === undefined ? {} : { response_format: formatOf(options.schema) }),
  } satisfies Partial<Asked>;
  return {
    async ask(turn) {
      history.push(...messagesOf(turn));
      const { message, usage } =
        turn.isStreamed === true
          ? await streamed(openai, { ...common, messages: history })
          : await whole(openai, { ...common, messages: history });
      history.push(message as Message & Fields);
      return seen(message, usage);
    },
  };
}

interface Answered {
  readonly message: Fields;
  readonly usage: OpenAI.CompletionUsage | undefined;
}

async function whole(openai: OpenAI, params: Omit<Asked, 'stream'>): Promise<Answered> {
  const completion = await openai.chat.completions.create({ ...params, stream: false });
  return { message: { ...completion.choices[0]?.message }, usage: completion.usage };
}

async function streamed(openai: OpenAI, params: Omit<Asked, 'stream'>): Promise<Answered> {
  const stream = await openai.chat.completions.create({
    ...params,
    stream: true,
    stream_options: { include_usage: true },
  });
  let message: Fields = {};
  let usage: OpenAI.CompletionUsage | undefined;
  for await (const chunk of stream) {
    usage = chunk.usage ?? usage;
    const delta = chunk.choices[0]?.delta;
    if (delta !== undefined) message = mergeDelta(message, { ...delta });
  }
  return { message, usage };
}

function seen(message: Fields, usage: OpenAI.CompletionUsage | undefined): Seen {
  const calls = (message['tool_calls'] ?? []) as readonly OpenAI.ChatCompletionMessageFunctionToolCall[];
  return {
    text: (message['content'] as string | null | undefined) ?? '',
    reasoning: (message['reasoning_content'] as string | null | undefined) ?? '',
    calls: calls.map((call) => ({
      id: call.id,
      name: call.function.name,
      input: JSON.parse(call.function.arguments) as unknown,
    })),
    outputTokens: usage?.completion_tokens ?? 0,
    reasoningTokens: usage?.completion_tokens_details?.reasoning_tokens ?? 0,
  };
}

function messagesOf({ text = '', image, results }: Turn): readonly Message[] {
  if (results !== undefined) {
    return results.map(({ call, text: content }) => ({ role: 'tool', tool_call_id: call.id, content }));
  }
  if (image === undefined) return [{ role: 'user', content: text }];
  const picture = { type: 'image_url' as const, image_url: { url: `data:image/png;base64,${image}` } };
  return [{ role: 'user', content: [picture, { type: 'text', text }] }];
}

function declared(name: string): OpenAI.ChatCompletionTool {
  return { type: 'function', function: { name, parameters: toolSchema } };
}

function formatOf(schema: Fields): NonNullable<Asked['response_format']> {
  return { type: 'json_schema', json_schema: { name: 'place', schema, strict: true } };
}
