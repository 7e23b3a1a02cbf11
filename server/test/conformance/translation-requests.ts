import * as fc from 'fast-check';
import type { Json, JsonObject } from '../../src/protocols/canonical/request.ts';
import type { Side } from './translation-material.ts';
import { base64, callId, input, schema, some, toolName, words } from './translation-words.ts';
import { responsesRequest } from './translation-responses-requests.ts';

/** Generators of requests in normal form: whole histories, answered calls, every kind of part. */
export function anyRequest(side: Side): fc.Arbitrary<JsonObject> {
  const generators: Readonly<Record<Side['id'], fc.Arbitrary<JsonObject>>> = {
    'anthropic-messages': messagesRequest,
    'openai-chat': chatRequest,
    'openai-responses': responsesRequest,
  };
  return generators[side.id];
}

const cacheControl = fc.constantFrom<JsonObject>({ type: 'ephemeral' }, { type: 'ephemeral', ttl: '1h' });
const textBlock = fc
  .record({ text: words, cache_control: cacheControl }, { requiredKeys: ['text'] })
  .map((block): JsonObject => ({ type: 'text', ...(block as JsonObject) }));
const imageBlock = fc.oneof(
  base64.map((data): JsonObject => ({
    type: 'image',
    source: { type: 'base64', media_type: 'image/png', data },
  })),
  fc.webUrl().map((url): JsonObject => ({ type: 'image', source: { type: 'url', url } })),
);
const documentBlock = base64.map((data): JsonObject => ({
  type: 'document',
  source: { type: 'base64', media_type: 'application/pdf', data },
  title: 'a.pdf',
}));
const thinkingBlock = words.map((thinking): JsonObject => ({
  type: 'thinking',
  thinking,
  signature: 'c2lnbmF0dXJl'.repeat(6),
}));
const unknownBlock = callId.map((id): JsonObject => ({ type: 'container_upload', file_id: id }));

interface Call {
  readonly id: string;
  readonly name: string;
  readonly input: JsonObject;
}
const calls = fc.uniqueArray(fc.record<Call>({ id: callId, name: toolName, input }), {
  selector: (call) => call.id,
  minLength: 1,
  maxLength: 3,
});

/** A user turn, the answer with its calls, and their results. */
const messagesExchange = fc
  .record({
    asked: fc.array(fc.oneof(textBlock, imageBlock, documentBlock, unknownBlock), {
      minLength: 1,
      maxLength: 3,
    }),
    thought: fc.array(thinkingBlock, { maxLength: 1 }),
    said: fc.array(textBlock, { maxLength: 2 }),
    calls,
    isError: fc.boolean(),
    result: fc.oneof<[fc.Arbitrary<Json>, fc.Arbitrary<Json>]>(
      words,
      fc.array(fc.oneof(textBlock, imageBlock), { minLength: 1, maxLength: 2 }),
    ),
  })
  .map(({ asked, thought, said, calls, isError, result }): readonly JsonObject[] => [
    { role: 'user', content: asked },
    {
      role: 'assistant',
      content: [...thought, ...said, ...calls.map((call) => ({ type: 'tool_use', ...call }))],
    },
    {
      role: 'user',
      content: calls.map((call) => ({
        type: 'tool_result',
        tool_use_id: call.id,
        content: result,
        ...(isError ? { is_error: true } : {}),
      })),
    },
  ]);

const messagesTools = fc
  .uniqueArray(
    fc.record(
      { name: toolName, description: words, input_schema: schema, strict: fc.boolean() },
      { requiredKeys: ['name', 'input_schema'] },
    ),
    { selector: (tool) => tool.name, minLength: 1, maxLength: 3 },
  )
  .map((tools) => tools as readonly JsonObject[]);

const messagesRequest: fc.Arbitrary<JsonObject> = fc
  .record({
    exchanges: fc.array(messagesExchange, { minLength: 1, maxLength: 3 }),
    closing: fc.constantFrom<readonly JsonObject[]>([], [{ role: 'system', content: 'Be quick.' }]),
    max_tokens: fc.integer({ min: 1, max: 64_000 }),
    rest: some({
      system: fc.oneof<[fc.Arbitrary<Json>, fc.Arbitrary<Json>]>(
        words,
        fc.array(textBlock, { minLength: 1, maxLength: 2 }),
      ),
      tools: messagesTools,
      tool_choice: fc.constantFrom<Json>(
        { type: 'auto' },
        { type: 'any', disable_parallel_tool_use: true },
        { type: 'none' },
      ),
      thinking: fc.constantFrom<Json>(
        { type: 'enabled', budget_tokens: 2048 },
        { type: 'adaptive', display: 'omitted' },
        { type: 'disabled' },
      ),
      output_config: fc.constantFrom<Json>(
        { effort: 'high' },
        { format: { type: 'json_schema', schema: { type: 'object' } } },
      ),
      temperature: fc.constantFrom(0, 0.5, 1),
      top_k: fc.integer({ min: 1, max: 50 }),
      stop_sequences: fc.array(words, { minLength: 1, maxLength: 3 }),
      metadata: words.map((user_id): Json => ({ user_id })),
      stream: fc.constant(true),
      container: fc.constant('container_1'),
    }),
  })
  .map(({ exchanges, closing, max_tokens, rest }): JsonObject => ({
    model: 'claude-sonnet-4-5',
    max_tokens,
    messages: [...exchanges.flat(), ...closing, { role: 'user', content: 'Well?' }],
    ...rest,
  }));

const textPart = words.map((text): JsonObject => ({ type: 'text', text }));
const imagePart = fc.oneof(
  base64.map((data): JsonObject => ({
    type: 'image_url',
    image_url: { url: `data:image/png;base64,${data}` },
  })),
  fc.webUrl().map((url): JsonObject => ({ type: 'image_url', image_url: { url, detail: 'low' } })),
);
const filePart = base64.map((data): JsonObject => ({
  type: 'file',
  file: { file_data: `data:application/pdf;base64,${data}`, filename: 'a.pdf' },
}));
const audioPart = base64.map((data): JsonObject => ({
  type: 'input_audio',
  input_audio: { data, format: 'wav' },
}));

const chatExchange = fc
  .record({
    asked: fc.oneof<[fc.Arbitrary<Json>, fc.Arbitrary<Json>]>(
      words,
      fc.array(fc.oneof(textPart, imagePart, filePart, audioPart), { minLength: 1, maxLength: 3 }),
    ),
    said: fc.option(words),
    calls,
    result: words,
  })
  .map(({ asked, said, calls, result }): readonly JsonObject[] => [
    { role: 'user', content: asked },
    {
      role: 'assistant',
      content: said,
      tool_calls: calls.map((call) => ({
        id: call.id,
        type: 'function',
        function: { name: call.name, arguments: JSON.stringify(call.input) },
      })),
    },
    ...calls.map((call) => ({ role: 'tool', tool_call_id: call.id, content: result })),
  ]);

const chatTools = fc
  .uniqueArray(
    fc.record(
      { name: toolName, description: words, parameters: schema, strict: fc.boolean() },
      { requiredKeys: ['name'] },
    ),
    { selector: (tool) => tool.name, minLength: 1, maxLength: 3 },
  )
  .map((tools): Json =>
    tools.map((definition) => ({ type: 'function', function: definition as JsonObject })),
  );

const chatRequest: fc.Arbitrary<JsonObject> = fc
  .record({
    leading: fc.array(fc.record({ role: fc.constantFrom('system', 'developer'), content: words }), {
      maxLength: 2,
    }),
    exchanges: fc.array(chatExchange, { minLength: 1, maxLength: 3 }),
    tools: fc.option(
      fc.record({
        tools: chatTools,
        tool_choice: fc.constantFrom<Json>('auto', 'required', 'none'),
        parallel_tool_calls: fc.boolean(),
      }),
      { nil: {} },
    ),
    rest: some({
      max_completion_tokens: fc.integer({ min: 1, max: 9000 }),
      temperature: fc.constantFrom(0, 0.7, 2),
      top_p: fc.constantFrom(0.1, 1),
      seed: fc.integer(),
      n: fc.constantFrom(1, 2),
      stop: fc.array(words, { minLength: 1, maxLength: 6 }),
      response_format: fc.constantFrom<Json>(
        { type: 'json_object' },
        { type: 'text' },
        { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' }, strict: false } },
      ),
      reasoning_effort: fc.constantFrom('none', 'minimal', 'low', 'high', 'xhigh'),
      logit_bias: fc.constant({ '50256': -100 }),
      user: words,
      stream: fc.constant(true),
      store: fc.boolean(),
      web_search_options: fc.constant({}),
    }),
  })
  .map(({ leading, exchanges, tools, rest }): JsonObject => ({
    model: 'gpt-4.1',
    messages: [...leading, ...exchanges.flat(), { role: 'user', content: 'Well?' }],
    ...(tools as JsonObject),
    ...rest,
  }));
