import { parseFrames } from './sse-frames.ts';

/** One conversation in the words of every client protocol, and what each client hears. Raw, so that every field is seen. */
export interface Conversation {
  readonly model: string;
  readonly isStream: boolean;
  readonly tool?: object;
  readonly mustCall?: boolean;
  readonly reasons?: boolean;
  /** Schema the answer is to fit. */
  readonly output?: object;
  /** The prompt, then the turns that followed, as this client keeps them. */
  readonly prompt: string;
  readonly history: readonly object[];
}

export interface Heard {
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
  readonly stop: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** The turns to add to the history: the answer as this client replays it. */
  readonly turn: readonly object[];
}

export interface DialectClient {
  readonly name: string;
  readonly path: (conversation: Conversation) => string;
  readonly headers: (key: string) => Record<string, string>;
  readonly body: (conversation: Conversation) => object;
  readonly hear: (answer: string, isStream: boolean) => Heard;
  readonly results: (heard: Heard, result: string) => readonly object[];
  /** An instruction in the middle of the conversation, and the next prompt. */
  readonly later: (words: string) => readonly object[];
  /** The stop of an answer that ended with calls. */
  readonly callStop: string;
}

type Wild = Readonly<Record<string, unknown>>;
const wild = (value: unknown): Wild => (typeof value === 'object' && value !== null ? (value as Wild) : {});
const list = (value: unknown): readonly Wild[] => (Array.isArray(value) ? value.map(wild) : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const count = (value: unknown): number => (typeof value === 'number' ? value : -1);
const parsed = (value: string): unknown => JSON.parse(value === '' ? '{}' : value);
const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

const late = 'The user is in a hurry.';

const chat: DialectClient = {
  name: 'chat completions',
  path: () => '/v1/chat/completions',
  headers: bearer,
  callStop: 'tool_calls',
  body: ({ model, isStream, tool, mustCall, reasons, output, prompt, history }) => ({
    model,
    messages: [{ role: 'developer', content: 'Be brief.' }, { role: 'user', content: prompt }, ...history],
    max_completion_tokens: 4000,
    ...(tool === undefined
      ? {}
      : {
          tools: [{ type: 'function', function: { name: 'get_weather', parameters: tool } }],
          tool_choice: mustCall === true ? 'required' : 'auto',
        }),
    ...(reasons === true ? { reasoning_effort: 'high' } : {}),
    ...(output === undefined
      ? {}
      : { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: output } } }),
    ...(isStream ? { stream: true, stream_options: { include_usage: true } } : {}),
  }),
  hear(answer, isStream) {
    const chunks = isStream ? parseFrames(answer).map(({ data }) => wild(data)) : [wild(JSON.parse(answer))];
    const choices = chunks.flatMap((chunk) => list(chunk['choices']));
    const said = choices.map((choice) => wild(choice['delta'] ?? choice['message']));
    const calls = new Map<string, { id: string; name: string; input: string }>();
    let last = '';
    for (const call of said.flatMap((one) => list(one['tool_calls']))) {
      const called = wild(call['function']);
      if (text(call['id']) !== '') {
        last = text(call['id']);
        calls.set(last, { id: last, name: text(called['name']), input: '' });
      }
      const known = calls.get(last);
      if (known !== undefined) known.input += text(called['arguments']);
    }
    // In the server's own words: beside the choices, within the first, or in a field of the server's.
    const usage = wild(
      chunks
        .map(
          (chunk) =>
            chunk['usage'] ?? wild(chunk['x_groq'])['usage'] ?? wild(list(chunk['choices'])[0])['usage'],
        )
        .findLast((reported) => reported !== undefined && reported !== null),
    );
    const textParts = said.flatMap((one) =>
      Array.isArray(one['content'])
        ? list(one['content']).map((part) => text(part['text']))
        : [text(one['content'])],
    );
    const thoughts = said.flatMap((one) => [
      text(one['reasoning_content'] ?? one['reasoning']),
      ...(Array.isArray(one['content'])
        ? list(one['content']).flatMap((part) => list(part['thinking']).map((inner) => text(inner['text'])))
        : []),
    ]);
    const heardCalls = [...calls.values()];
    const reasoning = thoughts.join('');
    const turn = {
      role: 'assistant',
      content: textParts.join('') === '' ? null : textParts.join(''),
      ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
      ...(heardCalls.length === 0
        ? {}
        : {
            tool_calls: heardCalls.map(({ id, name, input }) => ({
              id,
              type: 'function',
              function: { name, arguments: input },
            })),
          }),
    };
    return {
      text: textParts.join(''),
      reasoning,
      calls: heardCalls.map((call) => ({ ...call, input: parsed(call.input) })),
      stop: text(choices.findLast((choice) => text(choice['finish_reason']) !== '')?.['finish_reason']),
      inputTokens: count(usage['prompt_tokens']),
      outputTokens: count(usage['completion_tokens']),
      turn: [turn],
    };
  },
  results: ({ calls }, result) =>
    calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: result })),
  later: (words) => [
    { role: 'system', content: late },
    { role: 'user', content: words },
  ],
};

const messages: DialectClient = {
  name: 'messages',
  path: () => '/v1/messages',
  headers: (key) => ({ 'x-api-key': key, 'anthropic-version': '2023-06-01' }),
  callStop: 'tool_use',
  body: ({ model, isStream, tool, mustCall, reasons, output, prompt, history }) => ({
    model,
    max_tokens: 4000,
    system: 'Be brief.',
    messages: [{ role: 'user', content: prompt }, ...history],
    ...(tool === undefined
      ? {}
      : {
          tools: [{ name: 'get_weather', input_schema: tool }],
          tool_choice: { type: mustCall === true ? 'any' : 'auto' },
        }),
    ...(reasons === true ? { thinking: { type: 'enabled', budget_tokens: 2000 } } : {}),
    ...(output === undefined ? {} : { output_config: { format: { type: 'json_schema', schema: output } } }),
    ...(isStream ? { stream: true } : {}),
  }),
  hear(answer, isStream) {
    const { content, stop, usage } = isStream ? foldMessages(answer) : whole(wild(JSON.parse(answer)));
    const of = (type: string, field: string): string =>
      content
        .filter((block) => block['type'] === type)
        .map((block) => text(block[field]))
        .join('');
    return {
      text: of('text', 'text'),
      reasoning: of('thinking', 'thinking'),
      calls: content
        .filter((block) => block['type'] === 'tool_use')
        .map((block) => ({ id: text(block['id']), name: text(block['name']), input: block['input'] })),
      stop,
      inputTokens: count(usage['input_tokens']),
      outputTokens: count(usage['output_tokens']),
      turn: [{ role: 'assistant', content }],
    };
  },
  results: ({ calls }, result) => [
    {
      role: 'user',
      content: [...calls.map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: result }))],
    },
  ],
  later: (words) => [
    {
      role: 'user',
      content: [
        { type: 'text', text: late },
        { type: 'text', text: words },
      ],
    },
  ],
};

interface FoldedMessage {
  readonly content: readonly Wild[];
  readonly stop: string;
  readonly usage: Wild;
}

function whole(answer: Wild): FoldedMessage {
  return {
    content: list(answer['content']),
    stop: text(answer['stop_reason']),
    usage: wild(answer['usage']),
  };
}

function foldMessages(answer: string): FoldedMessage {
  const blocks: Record<string, unknown>[] = [];
  let stop = '';
  let usage: Wild = {};
  const inputs = new Map<Record<string, unknown>, string>();
  for (const { data } of parseFrames(answer)) {
    const event = wild(data);
    const delta = wild(event['delta']);
    if (event['type'] === 'content_block_start') blocks.push({ ...wild(event['content_block']) });
    if (event['type'] === 'message_delta') {
      stop = text(delta['stop_reason']);
      usage = wild(event['usage']);
    }
    const block = blocks.at(-1);
    if (event['type'] !== 'content_block_delta' || block === undefined) continue;
    for (const field of ['text', 'thinking', 'signature']) {
      if (delta[field] !== undefined) block[field] = text(block[field]) + text(delta[field]);
    }
    if (delta['partial_json'] !== undefined) {
      inputs.set(block, (inputs.get(block) ?? '') + text(delta['partial_json']));
    }
  }
  for (const [block, input] of inputs) block['input'] = parsed(input);
  return { content: blocks, stop, usage };
}

const responses: DialectClient = {
  name: 'responses',
  path: () => '/v1/responses',
  headers: bearer,
  callStop: 'completed',
  body: ({ model, isStream, tool, mustCall, reasons, output, prompt, history }) => ({
    model,
    instructions: 'Be brief.',
    store: false,
    input: [{ role: 'user', content: prompt }, ...history],
    max_output_tokens: 4000,
    ...(tool === undefined
      ? {}
      : {
          tools: [{ type: 'function', name: 'get_weather', parameters: tool, strict: false }],
          tool_choice: mustCall === true ? 'required' : 'auto',
        }),
    ...(reasons === true ? { reasoning: { effort: 'high', summary: 'auto' } } : {}),
    ...(output === undefined
      ? {}
      : { text: { format: { type: 'json_schema', name: 'answer', schema: output, strict: false } } }),
    ...(isStream ? { stream: true } : {}),
  }),
  hear(answer, isStream) {
    const response = isStream
      ? wild(wild(parseFrames(answer).find(({ event }) => event === 'response.completed')?.data)['response'])
      : wild(JSON.parse(answer));
    const output = list(response['output']);
    const usage = wild(response['usage']);
    const of = (type: string, field: string): string =>
      output
        .filter((item) => item['type'] === type)
        .flatMap((item) => list(item[field]).map((part) => text(part['text'])))
        .join('');
    return {
      text: of('message', 'content'),
      reasoning: of('reasoning', 'summary') + of('reasoning', 'content'),
      calls: output
        .filter((item) => item['type'] === 'function_call')
        .map((item) => ({
          id: text(item['call_id']),
          name: text(item['name']),
          input: parsed(text(item['arguments'])),
        })),
      stop: text(response['status']),
      inputTokens: count(usage['input_tokens']),
      outputTokens: count(usage['output_tokens']),
      turn: output,
    };
  },
  results: ({ calls }, result) =>
    calls.map(({ id }) => ({ type: 'function_call_output', call_id: id, output: result })),
  later: (words) => [
    { role: 'developer', content: late },
    { role: 'user', content: words },
  ],
};

const gemini: DialectClient = {
  name: 'generate content',
  path: ({ model, isStream }) =>
    `/v1beta/models/${encodeURIComponent(model)}:${isStream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  headers: (key) => ({ 'x-goog-api-key': key }),
  callStop: 'STOP',
  body: ({ tool, mustCall, reasons, output, prompt, history }) => ({
    systemInstruction: { parts: [{ text: 'Be brief.' }] },
    contents: [{ role: 'user', parts: [{ text: prompt }] }, ...history],
    generationConfig: {
      maxOutputTokens: 4000,
      ...(output === undefined ? {} : { responseMimeType: 'application/json', responseJsonSchema: output }),
      ...(reasons === true ? { thinkingConfig: { thinkingLevel: 'HIGH', includeThoughts: true } } : {}),
    },
    ...(tool === undefined
      ? {}
      : {
          tools: [{ functionDeclarations: [{ name: 'get_weather', parametersJsonSchema: tool }] }],
          toolConfig: { functionCallingConfig: { mode: mustCall === true ? 'ANY' : 'AUTO' } },
        }),
  }),
  hear(answer, isStream) {
    const chunks = isStream ? parseFrames(answer).map(({ data }) => wild(data)) : [wild(JSON.parse(answer))];
    const parts = chunks
      .flatMap((chunk) => list(chunk['candidates']))
      .flatMap((candidate) => list(wild(candidate['content'])['parts']));
    const usage = wild(chunks.findLast((chunk) => chunk['usageMetadata'] !== undefined)?.['usageMetadata']);
    const stops = chunks
      .flatMap((chunk) => list(chunk['candidates']))
      .map((one) => text(one['finishReason']));
    const of = (isThought: boolean): string =>
      parts
        .filter((part) => (part['thought'] === true) === isThought)
        .map((part) => text(part['text']))
        .join('');
    return {
      text: of(false),
      reasoning: of(true),
      calls: parts
        .map((part) => wild(part['functionCall']))
        .filter((call) => call['name'] !== undefined)
        .map((call) => ({ id: text(call['id']), name: text(call['name']), input: call['args'] })),
      stop: stops.findLast((stop) => stop !== '') ?? '',
      inputTokens: count(usage['promptTokenCount']),
      outputTokens: count(usage['candidatesTokenCount']),
      turn: [{ role: 'model', parts }],
    };
  },
  results: ({ calls }, result) => [
    {
      role: 'user',
      parts: calls.map(({ id, name }) => ({
        functionResponse: { ...(id === '' ? {} : { id }), name, response: { output: result } },
      })),
    },
  ],
  later: (words) => [{ role: 'user', parts: [{ text: late }, { text: words }] }],
};

export const dialectClients: readonly DialectClient[] = [chat, messages, responses, gemini];
