import { customToolFormat } from '../openai/shared-fields.ts';
import { boolean, list, nullable, object, oneOf, record, string, tagged, upTo } from '../shape.ts';

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

/** Tools a caller may declare. Hosted ones are not run here, so only their names are looked at. */
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
  web_search: record,
  web_search_2025_08_26: record,
  web_search_preview: record,
  web_search_preview_2025_03_11: record,
  file_search: record,
  computer: record,
  computer_use: record,
  computer_use_preview: record,
  mcp: record,
  code_interpreter: record,
  image_generation: record,
});
