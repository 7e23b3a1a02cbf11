/** Messages and their content blocks, as data. */
import {
  anything,
  boolean,
  either,
  integer,
  list,
  nullable,
  object,
  oneOf,
  record,
  string,
  tagged,
  upTo,
} from '../shape.ts';
import type { Shape } from '../shape.ts';

export const cacheControl = nullable(object({ type: oneOf('ephemeral') }, { ttl: oneOf('5m', '1h') }));
const caller = object(
  { type: oneOf('direct', 'code_execution_20250825', 'code_execution_20260120', 'code_execution_20260521') },
  { tool_id: string },
);
export const mark = { cache_control: cacheControl };
export const citationsConfig = nullable(object({}, { enabled: boolean }));
const toolId = upTo(256, /^[a-zA-Z0-9_-]+$/);

const citations = nullable(
  list(
    blocks({
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
export function blocks(variants: Readonly<Record<string, Shape>>): Shape {
  return tagged(
    'type',
    Object.fromEntries(Object.entries(variants).map(([type, shape]) => [type, withTag(type, shape)])),
  );
}

export function withTag(type: string, shape: Shape): Shape {
  if (shape.kind !== 'object') return shape;
  return { ...shape, fields: { ...shape.fields, type: oneOf(type) }, required: [...shape.required, 'type'] };
}

export const text = object({ text: string }, { ...mark, citations });
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

const toolReference = object({ type: oneOf('tool_reference'), name: string });
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
  tool_addition: object({ tool: toolReference }, mark),
  tool_removal: object({ tool: toolReference }, mark),
  compaction: object({ content: nullable(string) }, { ...mark, encrypted_content: string }),
});

const effort = nullable(oneOf('low', 'medium', 'high', 'xhigh', 'max'));

/** Instructions between the turns may carry settings of their own, with a beta. */
export function messageShape(betas: string): Shape {
  const message = (role: string, optional: Readonly<Record<string, Shape>> = {}): Shape =>
    object({ role: oneOf(role), content: either(string, list(contentBlock)) }, optional);
  const hasSettings = /per-turn-control|mid-conversation/.test(betas);
  const settings = { output_config: object({}, { effort }), clear_at: anything };
  return tagged('role', {
    user: message('user'),
    assistant: message('assistant'),
    system: message('system', hasSettings ? settings : {}),
  });
}
