import OpenAI, { APIError } from 'openai';
import type {
  Conversation,
  ConversationOptions,
  MatrixClient,
  RelayAddress,
  Seen,
  Turn,
} from './conversation.ts';
import { toolSchema } from './scenarios.ts';

type Item = OpenAI.Responses.ResponseInputItem;

/** The official client on Responses, stateless: every turn carries the whole history, reasoning items too. */
export function responsesClient({ url, key }: RelayAddress): MatrixClient {
  const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
  return {
    protocol: 'openai-responses',
    open: (options) => openConversation(openai, options),
    async abort(model, prompt) {
      const stream = await openai.responses.create({ model, input: prompt, stream: true });
      for await (const event of stream) if (event.type === 'response.output_text.delta') break;
    },
    statusOf: (error) => (error instanceof APIError ? (error.status as number | undefined) : undefined),
  };
}

function openConversation(openai: OpenAI, options: ConversationOptions): Conversation {
  const history: Item[] = [];
  const common = {
    model: options.model,
    store: false,
    include: ['reasoning.encrypted_content' as const],
    ...(options.thinks === true
      ? { reasoning: { effort: 'medium' as const, summary: 'auto' as const } }
      : {}),
    ...(options.tools === undefined ? {} : { tools: options.tools.map(declared) }),
    ...(options.schema === undefined
      ? {}
      : {
          text: {
            format: { type: 'json_schema' as const, name: 'place', schema: options.schema, strict: true },
          },
        }),
  };
  return {
    async ask(turn) {
      history.push(...itemsOf(turn));
      const params = { ...common, input: history };
      const response =
        turn.isStreamed === true ? await streamed(openai, params) : await openai.responses.create(params);
      history.push(...(response.output as Item[]));
      return seen(response);
    },
  };
}

type Params = OpenAI.Responses.ResponseCreateParamsNonStreaming;

async function streamed(openai: OpenAI, params: Params): Promise<OpenAI.Responses.Response> {
  const stream = await openai.responses.create({ ...params, stream: true });
  const items: OpenAI.Responses.ResponseOutputItem[] = [];
  for await (const event of stream) {
    if (event.type === 'response.output_item.done') items.push(event.item);
    if (event.type === 'response.failed') throw new Error(event.response.error?.message ?? 'failed');
    if (event.type === 'error') throw new Error(event.message);
    // Items as they were done, which is what agents keep; the rest of the response comes with its end.
    if (event.type === 'response.completed') return { ...event.response, output: items };
  }
  throw new Error('the stream ended without its last event');
}

function seen({ output, usage }: OpenAI.Responses.Response): Seen {
  const texts = output.flatMap((item) =>
    item.type === 'message' ? item.content.map((part) => (part.type === 'output_text' ? part.text : '')) : [],
  );
  const thoughts = output.flatMap((item) =>
    item.type === 'reasoning' ? [...item.summary, ...(item.content ?? [])].map((part) => part.text) : [],
  );
  return {
    text: texts.join(''),
    reasoning: thoughts.join(''),
    calls: output.flatMap((item) =>
      item.type === 'function_call'
        ? [{ id: item.call_id, name: item.name, input: JSON.parse(item.arguments) as unknown }]
        : [],
    ),
    outputTokens: usage?.output_tokens ?? 0,
    reasoningTokens: usage?.output_tokens_details.reasoning_tokens ?? 0,
  };
}

function itemsOf({ text = '', image, results }: Turn): readonly Item[] {
  if (results !== undefined) {
    return results.map(({ call, text: output }) => ({
      type: 'function_call_output',
      call_id: call.id,
      output,
    }));
  }
  if (image === undefined) return [{ role: 'user', content: text }];
  const picture = {
    type: 'input_image' as const,
    image_url: `data:image/png;base64,${image}`,
    detail: 'auto' as const,
  };
  return [{ role: 'user', content: [picture, { type: 'input_text', text }] }];
}

function declared(name: string): OpenAI.Responses.FunctionTool {
  return { type: 'function', name, parameters: toolSchema, strict: true };
}
