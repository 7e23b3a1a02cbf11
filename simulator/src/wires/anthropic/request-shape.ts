/** The request body as data; what cannot be said in a shape is in the `check-*` files. */
import {
  anything,
  boolean,
  either,
  integer,
  integerIn,
  lazy,
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

const cacheControl = nullable(object({ type: oneOf('ephemeral') }, { ttl: oneOf('5m', '1h') }));
const caller = object(
  { type: oneOf('direct', 'code_execution_20250825', 'code_execution_20260120', 'code_execution_20260521') },
  { tool_id: string },
);
const mark = { cache_control: cacheControl };
const citationsConfig = nullable(object({}, { enabled: boolean }));
const toolId = upTo(256, /^[a-zA-Z0-9_-]+$/);

const citations = nullable(
  list(
    tagged('type', {
      char_location: object(
        {
          cited_text: string,
          document_index: integer,
          end_char_index: integer,
          start_char_index: integer,
          document_title: nullable(string),
        },
        { file_id: nullable(string) },
      ),
      page_location: object(
        {
          cited_text: string,
          document_index: integer,
          end_page_number: integer,
          start_page_number: integer,
          document_title: nullable(string),
        },
        { file_id: nullable(string) },
      ),
      content_block_location: object(
        {
          cited_text: string,
          document_index: integer,
          end_block_index: integer,
          start_block_index: integer,
          document_title: nullable(string),
        },
        { file_id: nullable(string) },
      ),
      web_search_result_location: object({
        cited_text: string,
        encrypted_index: string,
        title: nullable(string),
        url: string,
      }),
      search_result_location: object({
        cited_text: string,
        end_block_index: integer,
        search_result_index: integer,
        source: string,
        start_block_index: integer,
        title: nullable(string),
      }),
    }),
  ),
);

/** Every variant carries its tag; written once here. */
function blocks(variants: Readonly<Record<string, Shape>>): Shape {
  return tagged(
    'type',
    Object.fromEntries(Object.entries(variants).map(([type, shape]) => [type, withTag(type, shape)])),
  );
}

function withTag(type: string, shape: Shape): Shape {
  if (shape.kind !== 'object') return shape;
  return { ...shape, fields: { ...shape.fields, type: oneOf(type) }, required: [...shape.required, 'type'] };
}

const text = object({ text: string }, { ...mark, citations });
const image = object(
  {
    source: blocks({
      base64: object({
        data: string,
        media_type: oneOf('image/jpeg', 'image/png', 'image/gif', 'image/webp'),
      }),
      url: object({ url: string }),
      file: object({ file_id: string }),
    }),
  },
  { ...mark, transformations: nullable(object({}, { oversized_image: oneOf('downsize', 'error') })) },
);
const document = object(
  {
    source: blocks({
      base64: object({ data: string, media_type: oneOf('application/pdf') }),
      text: object({ data: string, media_type: oneOf('text/plain') }),
      content: object({ content: either(string, list(blocks({ text, image }))) }),
      url: object({ url: string }),
      file: object({ file_id: string }),
    }),
  },
  { ...mark, citations: citationsConfig, context: nullable(string), title: nullable(string) },
);
const searchResult = object(
  { content: list(blocks({ text })), source: string, title: string },
  { ...mark, citations: citationsConfig },
);
const serverResult = object({ content: anything, tool_use_id: string }, { ...mark, caller });
const resultContent = blocks({
  text,
  image,
  document,
  search_result: searchResult,
  tool_reference: object({ tool_name: string }, mark),
  browser_state: object({ tabs: list(record) }, { ...mark, state_changes: list(record) }),
});

const contentBlock = blocks({
  text,
  image,
  document,
  search_result: searchResult,
  thinking: object({ thinking: string, signature: string }),
  redacted_thinking: object({ data: string }),
  tool_use: object(
    { id: toolId, name: upTo(200), input: record },
    { ...mark, caller, toolset_name: nullable(string) },
  ),
  tool_result: object(
    { tool_use_id: toolId },
    {
      ...mark,
      content: either(string, list(resultContent)),
      is_error: boolean,
      toolset_name: nullable(string),
    },
  ),
  server_tool_use: object({ id: string, name: string, input: anything }, { ...mark, caller }),
  web_search_tool_result: serverResult,
  web_fetch_tool_result: serverResult,
  code_execution_tool_result: serverResult,
  bash_code_execution_tool_result: serverResult,
  text_editor_code_execution_tool_result: serverResult,
  tool_search_tool_result: serverResult,
  container_upload: object({ file_id: string }, mark),
  mcp_tool_use: object({ id: string, name: string, server_name: string, input: anything }, mark),
  mcp_tool_result: object({ tool_use_id: string }, { ...mark, content: anything, is_error: boolean }),
  advisor_tool_result: serverResult,
  compaction: object({ content: nullable(string) }, { ...mark, encrypted_content: string }),
});

const messageShape = object(
  { role: oneOf('user', 'assistant', 'system'), content: either(string, list(contentBlock)) },
  {
    output_config: object({}, { effort: nullable(oneOf('low', 'medium', 'high', 'xhigh', 'max')) }),
    clear_at: anything,
  },
);

const allowedCallers = list(
  oneOf('direct', 'code_execution_20250825', 'code_execution_20260120', 'code_execution_20260521'),
);
const anyTool = { ...mark, allowed_callers: allowedCallers, defer_loading: boolean, strict: boolean };
const clientTool = { ...anyTool, input_examples: list(record) };
const domains = {
  allowed_domains: nullable(list(string)),
  blocked_domains: nullable(list(string)),
  max_uses: nullable(integer),
};
const location = nullable(
  object(
    { type: oneOf('approximate') },
    {
      city: nullable(string),
      country: nullable(string),
      region: nullable(string),
      timezone: nullable(string),
    },
  ),
);

function named(name: string, optional: Readonly<Record<string, Shape>>): Shape {
  return object({ name: oneOf(name) }, optional);
}

/** Several dates of one tool share its shape. */
function dated(stem: string, dates: readonly string[], shape: Shape): Readonly<Record<string, Shape>> {
  return Object.fromEntries(dates.map((date) => [`${stem}_${date}`, shape]));
}

const typedTools: Readonly<Record<string, Shape>> = {
  ...dated('bash', ['20241022', '20250124'], named('bash', clientTool)),
  ...dated('text_editor', ['20241022', '20250124'], named('str_replace_editor', clientTool)),
  ...dated(
    'text_editor',
    ['20250429', '20250728'],
    named('str_replace_based_edit_tool', { ...clientTool, max_characters: nullable(integerIn(1)) }),
  ),
  ...dated('memory', ['20250818'], named('memory', clientTool)),
  ...dated(
    'computer',
    ['20241022', '20250124', '20251124'],
    object(
      { name: oneOf('computer'), display_height_px: integerIn(1), display_width_px: integerIn(1) },
      { ...clientTool, display_number: nullable(integer), enable_zoom: boolean },
    ),
  ),
  ...dated('computer_toolset', ['20260801'], object({}, { ...mark, configs: nullable(record) })),
  ...dated('browser_toolset', ['20260801'], object({}, { ...mark, configs: nullable(record) })),
  ...dated(
    'web_search',
    ['20250305', '20260209', '20260318'],
    named('web_search', {
      ...anyTool,
      ...domains,
      user_location: location,
      response_inclusion: nullable(string),
    }),
  ),
  ...dated(
    'web_fetch',
    ['20250910', '20260209', '20260309', '20260318'],
    named('web_fetch', {
      ...anyTool,
      ...domains,
      citations: citationsConfig,
      max_content_tokens: nullable(integer),
      url_sources: anything,
      use_cache: boolean,
      response_inclusion: nullable(string),
    }),
  ),
  ...dated(
    'code_execution',
    ['20250522', '20250825', '20260120', '20260521'],
    named('code_execution', anyTool),
  ),
  ...dated(
    'advisor',
    ['20260301'],
    named('advisor', { ...anyTool, model: string, max_uses: nullable(integer), caching: anything }),
  ),
  mcp_toolset: object(
    { mcp_server_name: string },
    { ...mark, configs: nullable(record), default_config: record },
  ),
};
const searchTools = Object.fromEntries(
  ['regex', 'bm25'].flatMap((kind) =>
    [`tool_search_tool_${kind}`, `tool_search_tool_${kind}_20251119`].map((type) => [
      type,
      named(`tool_search_tool_${kind}`, anyTool),
    ]),
  ),
);

const customTool = object(
  {
    name: upTo(128, /^[a-zA-Z0-9_-]{1,128}$/),
    input_schema: { kind: 'map', values: anything },
  },
  {
    ...clientTool,
    description: string,
    eager_input_streaming: nullable(boolean),
    type: nullable(oneOf('custom')),
  },
);
const tool = lazy(() =>
  tagged(
    'type',
    {
      custom: customTool,
      ...Object.fromEntries(
        Object.entries({ ...typedTools, ...searchTools }).map(([type, shape]) => [
          type,
          withTag(type, shape),
        ]),
      ),
    },
    'custom',
  ),
);

const parallel = { disable_parallel_tool_use: boolean };
const display = { display: nullable(oneOf('summarized', 'omitted', 'updates')), block_binding: record };

const counted: Readonly<Record<string, Shape>> = {
  cache_control: cacheControl,
  output_config: object(
    {},
    {
      effort: nullable(oneOf('low', 'medium', 'high', 'xhigh', 'max')),
      format: nullable(object({ type: oneOf('json_schema'), schema: record })),
      task_budget: nullable(
        object({ type: oneOf('tokens'), total: integerIn(0) }, { remaining: nullable(integer) }),
      ),
    },
  ),
  speed: nullable(oneOf('standard', 'fast')),
  system: either(string, list(blocks({ text }))),
  thinking: blocks({
    enabled: object({ budget_tokens: integerIn(1024) }, display),
    adaptive: object({}, display),
    disabled: object({}),
    between_tools: object({}, { block_binding: record }),
  }),
  tool_choice: blocks({
    auto: object({}, parallel),
    any: object({}, parallel),
    tool: object({ name: string }, parallel),
    none: object({}),
  }),
  tools: list(tool),
  user_profile_id: string,
  workspace_id: string,
};

const spoken: Readonly<Record<string, Shape>> = {
  container: anything,
  diagnostics: nullable(object({}, { previous_message_id: nullable(string) })),
  inference_geo: nullable(string),
  metadata: object({}, { user_id: nullable(upTo(512)) }),
  service_tier: oneOf('auto', 'standard_only'),
  stop_sequences: list(string, { maxItems: 8191 }),
  stream: boolean,
  temperature: numberIn(0, 1),
  top_p: numberIn(0, 1),
  top_k: integerIn(0),
};

/** Fields that exist only together with a beta header. */
const BETA_FIELDS: Readonly<Record<string, { readonly beta: RegExp; readonly shape: Shape }>> = {
  context_management: { beta: /context-management|compact/, shape: nullable(record) },
  compaction: { beta: /compact/, shape: nullable(record) },
  mcp_servers: { beta: /mcp-client/, shape: list(record) },
  fallbacks: { beta: /fallback/, shape: anything },
  fallback_credit_token: { beta: /fallback/, shape: nullable(string) },
  thread: { beta: /thread/, shape: nullable(record) },
  billing_policy: { beta: /billing/, shape: anything },
  output_format: {
    beta: /structured-outputs/,
    shape: nullable(object({ type: oneOf('json_schema'), schema: record })),
  },
};

export function requestShape(operation: 'generate' | 'count-tokens', betas: string): Shape {
  const beta = Object.entries(BETA_FIELDS).filter(([, field]) => field.beta.test(betas));
  const extra = { ...counted, ...Object.fromEntries(beta.map(([name, { shape }]) => [name, shape])) };
  const messages = list(messageShape, { maxItems: 100_000 });
  if (operation === 'count-tokens') return object({ messages, model: string }, extra);
  return object({ max_tokens: integerIn(0), messages, model: string }, { ...extra, ...spoken });
}
