/** The request bodies of the Responses endpoints, field by field, as the SDK's types of 2026-11 have them. */
import { functionName, metadata, moderation, obfuscation, reasoningEffort } from '../openai/shared-fields.ts';
import {
  anything,
  boolean,
  either,
  integer,
  integerIn,
  list,
  nullable,
  numberIn,
  object,
  oneOf,
  record,
  string,
  tagged,
  upTo,
} from '../shape.ts';
import type { Shape } from '../shape.ts';
import { inputItem } from './input-shape.ts';
import { tool } from './tool-shape.ts';

const reasoning = object(
  {},
  {
    effort: reasoningEffort,
    summary: nullable(oneOf('auto', 'concise', 'detailed')),
    generate_summary: nullable(oneOf('auto', 'concise', 'detailed')),
    context: nullable(oneOf('auto', 'current_turn', 'all_turns')),
    mode: oneOf('standard', 'pro'),
  },
);

const text = object(
  {},
  {
    verbosity: nullable(oneOf('low', 'medium', 'high')),
    format: tagged('type', {
      text: object({ type: string }),
      json_object: object({ type: string }),
      json_schema: object(
        { type: string, name: functionName, schema: record },
        { description: nullable(string), strict: nullable(boolean) },
      ),
    }),
  },
);

const named = object({ type: string, name: string });
const hosted = object({ type: string });
const toolChoice = either(
  oneOf('none', 'auto', 'required'),
  tagged('type', {
    function: named,
    custom: named,
    allowed_tools: object({ type: string, mode: oneOf('auto', 'required'), tools: list(record) }),
    mcp: object({ type: string, server_label: string }, { name: nullable(string) }),
    file_search: hosted,
    web_search: hosted,
    web_search_preview: hosted,
    web_search_preview_2025_03_11: hosted,
    computer: hosted,
    computer_use: hosted,
    computer_use_preview: hosted,
    image_generation: hosted,
    code_interpreter: hosted,
    apply_patch: hosted,
    shell: hosted,
    programmatic_tool_calling: hosted,
  }),
);

const input = either(string, list(inputItem));
const cacheRetention = nullable(oneOf('in_memory', '24h'));
const contextCompression = object({}, { context_compression: oneOf('auto', 'enabled', 'disabled') });
const conversation = nullable(either(string, object({ id: string })));
const truncation = nullable(oneOf('auto', 'disabled'));

const responseFields: Readonly<Record<string, Shape>> = {
  access_programs: object({}, { cyber: oneOf('standard', 'daybreak_blue', 'daybreak_red') }),
  background: nullable(boolean),
  client_metadata: nullable(record),
  context_management: nullable(
    list(object({ type: oneOf('compaction') }, { compact_threshold: nullable(integerIn(1)) })),
  ),
  conversation,
  image: contextCompression,
  include: nullable(
    list(
      oneOf(
        'file_search_call.results',
        'web_search_call.results',
        'web_search_call.action.sources',
        'message.input_image.image_url',
        'computer_call_output.output.image_url',
        'code_interpreter_call.outputs',
        'reasoning.encrypted_content',
        'message.output_text.logprobs',
      ),
    ),
  ),
  input,
  instructions: nullable(string),
  max_output_tokens: nullable(integerIn(16)),
  max_tool_calls: nullable(integerIn(1)),
  metadata: nullable(metadata),
  model: string,
  moderation: nullable(moderation),
  parallel_tool_calls: nullable(boolean),
  previous_response_id: nullable(string),
  prompt: nullable(object({ id: string }, { version: nullable(string), variables: nullable(record) })),
  prompt_cache_key: nullable(upTo(1024)),
  prompt_cache_options: object(
    {},
    {
      mode: oneOf('implicit', 'explicit'),
      ttl: oneOf('30m', '12h'),
      prewarm: boolean,
      comparison_response_id: nullable(string),
    },
  ),
  prompt_cache_retention: cacheRetention,
  reasoning: nullable(reasoning),
  safety_identifier: nullable(upTo(128)),
  service_tier: nullable(oneOf('auto', 'default', 'flex', 'scale', 'priority', 'fast', 'ultrafast')),
  store: nullable(boolean),
  stream: nullable(boolean),
  stream_options: nullable(object({}, obfuscation)),
  temperature: nullable(numberIn(0, 2)),
  text,
  tool_choice: toolChoice,
  tools: list(tool),
  top_logprobs: nullable(integerIn(0, 20)),
  top_p: nullable(numberIn(0, 1)),
  truncation,
  user: string,
};

export const responseRequest = object({}, responseFields);

export const countRequest = object(
  {},
  {
    conversation,
    input: nullable(input),
    instructions: nullable(string),
    model: nullable(string),
    parallel_tool_calls: nullable(boolean),
    personality: string,
    previous_response_id: nullable(string),
    reasoning: nullable(reasoning),
    text: nullable(text),
    tool_choice: nullable(toolChoice),
    tools: nullable(list(tool)),
    truncation,
  },
);

export const compactRequest = object(
  { model: nullable(string) },
  {
    image: contextCompression,
    input: nullable(input),
    instructions: nullable(string),
    previous_response_id: nullable(string),
    prompt_cache_key: nullable(string),
    prompt_cache_options: nullable(object({}, { mode: oneOf('implicit', 'explicit'), ttl: oneOf('30m') })),
    prompt_cache_retention: cacheRetention,
    service_tier: nullable(oneOf('auto', 'default', 'fast', 'flex', 'priority')),
    // Coding clients repeat their whole request here.
    parallel_tool_calls: nullable(boolean),
    reasoning: nullable(reasoning),
    text: nullable(text),
    tools: nullable(list(tool)),
    store: anything,
    top_logprobs: nullable(integer),
  },
);
