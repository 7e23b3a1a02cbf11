import {
  count,
  late,
  list,
  parsed,
  text,
  wild,
  type DialectClient,
  type Wild,
} from './dialect-conversation.ts';
import { parseFrames } from './sse-frames.ts';

/** The clients of Anthropic Messages and Gemini. */
export const messages: DialectClient = {
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
      content: calls.map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: result })),
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

export const gemini: DialectClient = {
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
