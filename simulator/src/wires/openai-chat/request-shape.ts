/** The request body of Chat Completions, field by field, as the SDK's types of 2026-11 have it. */
import {
  anything,
  boolean,
  either,
  integerIn,
  list,
  nullable,
  number,
  numberIn,
  object,
  oneOf,
  record,
  string,
  tagged,
  upTo,
} from '../shape.ts';
import type { Shape } from '../shape.ts';
import {
  breakpoint,
  customToolFormat,
  functionName,
  metadata,
  moderation,
  obfuscation,
  reasoningEffort,
} from '../openai/shared-fields.ts';

const cachable = { prompt_cache_breakpoint: breakpoint };

const textPart = object({ type: string, text: string }, cachable);
const textParts = list(tagged('type', { text: textPart }), { minItems: 1 });
const textContent = either(string, textParts);

const userParts = list(
  tagged('type', {
    text: textPart,
    image_url: object(
      {
        type: string,
        image_url: object({ url: string }, { detail: oneOf('auto', 'low', 'high', 'original') }),
      },
      cachable,
    ),
    input_audio: object(
      { type: string, input_audio: object({ data: string, format: oneOf('wav', 'mp3') }) },
      cachable,
    ),
    file: object(
      { type: string, file: object({}, { file_data: string, file_id: string, filename: string }) },
      cachable,
    ),
  }),
  { minItems: 1 },
);

const assistantParts = list(
  tagged('type', {
    text: textPart,
    refusal: object({ type: string, refusal: string }),
  }),
  { minItems: 1 },
);

const toolCall = tagged('type', {
  function: object({ id: string, type: string, function: object({ name: string, arguments: string }) }),
  custom: object({ id: string, type: string, custom: object({ name: string, input: string }) }),
});

const message = tagged('role', {
  system: object({ role: string, content: textContent }, { name: string }),
  user: object({ role: string, content: either(string, userParts) }, { name: string }),
  assistant: object(
    { role: string },
    {
      content: nullable(either(string, assistantParts)),
      name: string,
      refusal: nullable(string),
      tool_calls: list(toolCall, { minItems: 1, maxItems: 128 }),
      function_call: nullable(object({ name: string, arguments: string })),
      audio: nullable(object({ id: string })),
      annotations: anything,
    },
  ),
  function: object({ role: string, content: nullable(string), name: string }),
  tool: object({ role: string, content: textContent, tool_call_id: string }),
  developer: object({ role: string, content: textContent }, { name: string }),
});

const tool = tagged('type', {
  function: object({
    type: string,
    function: object(
      { name: functionName },
      { description: nullable(string), parameters: nullable(record), strict: nullable(boolean) },
    ),
  }),
  custom: object({
    type: string,
    custom: object(
      { name: functionName },
      {
        description: string,
        format: customToolFormat,
      },
    ),
  }),
});

const toolChoice = either(
  oneOf('none', 'auto', 'required'),
  tagged('type', {
    function: object({ type: string, function: object({ name: string }) }),
    custom: object({ type: string, custom: object({ name: string }) }),
    allowed_tools: object({
      type: string,
      allowed_tools: object({ mode: oneOf('auto', 'required'), tools: list(record) }),
    }),
  }),
);

const responseFormat = tagged('type', {
  text: object({ type: string }),
  json_object: object({ type: string }),
  json_schema: object({
    type: string,
    json_schema: object(
      { name: functionName },
      { description: nullable(string), schema: record, strict: nullable(boolean) },
    ),
  }),
});

const streamOptions = object({}, { include_usage: boolean, ...obfuscation });

const webSearchOptions = object(
  {},
  {
    search_context_size: oneOf('low', 'medium', 'high'),
    user_location: nullable(
      object({
        type: oneOf('approximate'),
        approximate: object({}, { city: string, country: string, region: string, timezone: string }),
      }),
    ),
  },
);

const chatFields: Readonly<Record<string, Shape>> = {
  audio: nullable(
    object({
      format: oneOf('wav', 'aac', 'mp3', 'flac', 'opus', 'pcm16'),
      voice: either(string, object({ id: string })),
    }),
  ),
  frequency_penalty: nullable(numberIn(-2, 2)),
  function_call: either(oneOf('none', 'auto'), object({ name: string })),
  functions: list(object({ name: functionName }, { description: string, parameters: record }), {
    minItems: 1,
    maxItems: 128,
  }),
  logit_bias: nullable({ kind: 'map', values: numberIn(-100, 100) }),
  logprobs: nullable(boolean),
  max_completion_tokens: nullable(integerIn(1)),
  max_tokens: nullable(integerIn(1)),
  metadata: nullable(metadata),
  modalities: nullable(list(oneOf('text', 'audio'))),
  moderation: nullable(moderation),
  n: nullable(integerIn(1, 128)),
  parallel_tool_calls: boolean,
  prediction: nullable(object({ type: oneOf('content'), content: textContent })),
  presence_penalty: nullable(numberIn(-2, 2)),
  prompt_cache_key: nullable(upTo(1024)),
  prompt_cache_options: object({}, { mode: oneOf('implicit', 'explicit'), ttl: oneOf('30m') }),
  prompt_cache_retention: nullable(oneOf('in_memory', '24h')),
  reasoning_effort: reasoningEffort,
  response_format: responseFormat,
  safety_identifier: nullable(upTo(128)),
  seed: nullable(number),
  service_tier: nullable(oneOf('auto', 'default', 'flex', 'scale', 'priority', 'fast')),
  stop: nullable(either(string, list(string, { minItems: 1, maxItems: 4 }))),
  store: nullable(boolean),
  stream: nullable(boolean),
  stream_options: nullable(streamOptions),
  temperature: nullable(numberIn(0, 2)),
  tool_choice: toolChoice,
  tools: list(tool, { minItems: 1, maxItems: 128 }),
  top_logprobs: nullable(integerIn(0, 20)),
  top_p: nullable(numberIn(0, 1)),
  user: string,
  verbosity: nullable(oneOf('low', 'medium', 'high')),
  web_search_options: webSearchOptions,
};

export const chatRequest = object({ model: string, messages: list(message, { minItems: 1 }) }, chatFields);
