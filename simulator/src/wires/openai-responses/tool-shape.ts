import { customToolFormat } from '../openai/shared-fields.ts';
import {
  anything,
  boolean,
  either,
  list,
  nullable,
  object,
  oneOf,
  record,
  string,
  tagged,
  upTo,
} from '../shape.ts';

const toolName = upTo(128, /^[a-zA-Z0-9_-]+$/u);
const callers = {
  allowed_callers: nullable(list(oneOf('direct', 'programmatic'))),
  async: boolean,
  defer_loading: boolean,
};

const functionTool = object(
  { type: string, name: toolName },
  {
    parameters: nullable(record),
    strict: nullable(boolean),
    description: nullable(string),
    output_schema: nullable(record),
    ...callers,
  },
);

const customTool = object(
  { type: string, name: toolName },
  { description: string, format: customToolFormat, ...callers },
);

const webSearch = object(
  { type: string },
  {
    external_web_access: nullable(boolean),
    filters: nullable(
      object({}, { allowed_domains: nullable(list(string)), blocked_domains: nullable(list(string)) }),
    ),
    search_context_size: nullable(oneOf('low', 'medium', 'high')),
    search_content_types: list(string),
    return_token_budget: anything,
    user_location: nullable(
      object(
        {},
        {
          type: oneOf('approximate'),
          city: nullable(string),
          country: nullable(string),
          region: nullable(string),
          timezone: nullable(string),
        },
      ),
    ),
  },
);

/** Tools a caller may declare. Of hosted ones that are not run here only the names are looked at. */
export const tool = tagged('type', {
  function: functionTool,
  custom: customTool,
  namespace: object(
    {
      type: string,
      name: toolName,
      tools: list(tagged('type', { function: functionTool, custom: customTool })),
    },
    { description: nullable(string) },
  ),
  tool_search: object(
    { type: string },
    { description: nullable(string), execution: oneOf('server', 'client'), parameters: nullable(record) },
  ),
  programmatic_tool_calling: object({ type: string }),
  local_shell: object({ type: string }),
  apply_patch: record,
  shell: record,
  web_search: webSearch,
  web_search_2025_08_26: webSearch,
  web_search_preview: webSearch,
  web_search_preview_2025_03_11: webSearch,
  file_search: record,
  computer: record,
  computer_use: record,
  computer_use_preview: record,
  mcp: record,
  code_interpreter: object({
    type: string,
    container: either(
      string,
      object(
        { type: oneOf('auto') },
        { file_ids: list(string), memory_limit: nullable(string), network_policy: record },
      ),
    ),
  }),
  image_generation: record,
});
