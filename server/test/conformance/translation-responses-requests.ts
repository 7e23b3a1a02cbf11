import * as fc from 'fast-check';
import type { Json, JsonObject } from '../../src/protocols/canonical/request.ts';
import { base64, callId, input, schema, some, toolName, words } from './translation-words.ts';

/** Generators of Responses requests: every kind of item that other protocols can be told of, and some they cannot. */
const textPart = fc.record({ text: words, marked: fc.boolean() }).map(({ text, marked }): JsonObject => ({
  type: 'input_text',
  text,
  ...(marked ? { prompt_cache_breakpoint: { mode: 'explicit' } } : {}),
}));
const imagePart = fc.oneof(
  base64.map((data): JsonObject => ({ type: 'input_image', image_url: `data:image/png;base64,${data}` })),
  fc.webUrl().map((url): JsonObject => ({ type: 'input_image', image_url: url, detail: 'low' })),
  callId.map((id): JsonObject => ({ type: 'input_image', file_id: `file-${id}` })),
);
const filePart = fc.oneof(
  base64.map((data): JsonObject => ({
    type: 'input_file',
    file_data: `data:application/pdf;base64,${data}`,
    filename: 'a.pdf',
  })),
  fc.webUrl().map((url): JsonObject => ({ type: 'input_file', file_url: url })),
);
const audioPart = base64.map((data): JsonObject => ({
  type: 'input_audio',
  input_audio: { data, format: 'wav' },
}));

const asked = fc
  .oneof<[fc.Arbitrary<Json>, fc.Arbitrary<Json>]>(
    words,
    fc.array(fc.oneof(textPart, imagePart, filePart, audioPart), { minLength: 1, maxLength: 3 }),
  )
  .map((content): JsonObject => ({ role: 'user', content }));

const thought = fc.record({ text: words, id: callId }).map(({ text, id }): JsonObject => ({
  type: 'reasoning',
  id: `rs_${id}`,
  summary: [{ type: 'summary_text', text }],
  encrypted_content: `gAAAA${id}`,
}));

const said = fc
  .record({ text: words, phase: fc.constantFrom('commentary', 'final_answer') })
  .map(({ text, phase }): JsonObject => ({
    type: 'message',
    role: 'assistant',
    phase,
    content: [{ type: 'output_text', text }],
  }));

const output = fc.oneof<[fc.Arbitrary<Json>, fc.Arbitrary<Json>]>(
  words,
  fc.array(fc.oneof(textPart, imagePart), { minLength: 1, maxLength: 2 }),
);

const call = fc
  .record({
    id: callId,
    name: toolName,
    input,
    output,
    kind: fc.constantFrom('function', 'custom', 'namespaced'),
  })
  .map(({ id, name, input: given, output: got, kind }): readonly [JsonObject, JsonObject] => {
    if (kind === 'custom') {
      return [
        { type: 'custom_tool_call', call_id: id, name, input: JSON.stringify(given) },
        { type: 'custom_tool_call_output', call_id: id, output: got },
      ];
    }
    const place = kind === 'namespaced' ? { namespace: 'mcp' } : {};
    return [
      { type: 'function_call', call_id: id, name, ...place, arguments: JSON.stringify(given) },
      { type: 'function_call_output', call_id: id, output: got },
    ];
  });

const calls = fc.uniqueArray(call, { selector: ([item]) => item['call_id'], minLength: 1, maxLength: 3 });

/** A question, the answer with its calls, their results, and sometimes an item of a tool that the provider ran. */
const exchange = fc
  .record({
    asked,
    thought: fc.array(thought, { maxLength: 1 }),
    said: fc.array(said, { maxLength: 2 }),
    hosted: fc.constantFrom<readonly JsonObject[]>(
      [],
      [{ type: 'web_search_call', id: 'ws_1', status: 'completed' }],
    ),
    calls,
  })
  .map((turn): readonly JsonObject[] => [
    turn.asked,
    ...turn.thought,
    ...turn.hosted,
    ...turn.said,
    ...turn.calls.map(([item]) => item),
    ...turn.calls.map(([, result]) => result),
  ]);

const functionTool = fc
  .record(
    {
      name: toolName,
      description: words,
      parameters: schema,
      strict: fc.boolean(),
      defer_loading: fc.constant(true),
    },
    { requiredKeys: ['name'] },
  )
  .map((tool): JsonObject => ({ type: 'function', ...(tool as JsonObject) }));
const customTool = toolName.map((name): JsonObject => ({
  type: 'custom',
  name: `c_${name}`,
  description: 'Patches.',
  format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
}));
const namespaceTool = functionTool.map((tool): JsonObject => ({
  type: 'namespace',
  name: 'mcp',
  description: 'Far away.',
  tools: [tool],
}));
const hostedTool = fc.constant<JsonObject>({ type: 'web_search', search_context_size: 'low' });
const tools = fc
  .uniqueArray(fc.oneof(functionTool, customTool, namespaceTool, hostedTool), {
    selector: (tool) => (tool['type'] === 'namespace' ? 'mcp' : (tool['name'] ?? tool['type'])),
    minLength: 1,
    maxLength: 4,
  })
  .map((list): Json => list);

export const responsesRequest: fc.Arbitrary<JsonObject> = fc
  .record({
    leading: fc.array(
      fc
        .record({ role: fc.constantFrom('system', 'developer'), content: words })
        .map((item): JsonObject => item),
      { maxLength: 2 },
    ),
    exchanges: fc.array(exchange, { minLength: 1, maxLength: 3 }),
    tools: fc.option(
      fc.record({
        tools,
        tool_choice: fc.constantFrom<Json>('auto', 'required', 'none'),
        parallel_tool_calls: fc.boolean(),
      }),
      { nil: {} },
    ),
    rest: some({
      instructions: words,
      max_output_tokens: fc.integer({ min: 1, max: 9000 }),
      temperature: fc.constantFrom(0, 0.7, 2),
      top_p: fc.constantFrom(0.1, 1),
      text: fc.constantFrom<Json>(
        { format: { type: 'json_object' } },
        { verbosity: 'low' },
        { format: { type: 'json_schema', name: 'x', schema: { type: 'object' }, strict: false } },
      ),
      reasoning: fc.constantFrom<Json>(
        { effort: 'high', summary: 'auto' },
        { effort: 'none' },
        { summary: 'concise' },
      ),
      include: fc.constant<Json>(['reasoning.encrypted_content']),
      prompt_cache_key: words,
      store: fc.constant(false),
      truncation: fc.constantFrom('auto', 'disabled'),
      service_tier: fc.constantFrom('auto', 'flex'),
      user: words,
      stream: fc.constant(true),
    }),
  })
  .map(({ leading, exchanges, tools: offered, rest }): JsonObject => ({
    model: 'gpt-5.5',
    input: [...leading, ...exchanges.flat(), { role: 'user', content: 'Well?' }],
    ...(offered as JsonObject),
    ...rest,
  }));
