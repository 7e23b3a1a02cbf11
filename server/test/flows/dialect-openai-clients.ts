import { count, late, list, parsed, text, wild, type DialectClient } from './dialect-conversation.ts';
import { parseFrames } from './sse-frames.ts';

/** The clients of OpenAI's two protocols. */
const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

export const chat: DialectClient = {
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

export const responses: DialectClient = {
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
