import { breakpoint, reasoningEffort } from '../openai/shared-fields.ts';
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
import type { Shape } from '../shape.ts';
import { tool } from './tool-shape.ts';

const cachable = { prompt_cache_breakpoint: breakpoint };
const status = nullable(oneOf('in_progress', 'completed', 'incomplete'));
const id = nullable(upTo(64));
const caller = { caller: nullable(record) };

const inputParts = {
  input_text: object({ type: string, text: string }, cachable),
  input_image: object(
    { type: string },
    {
      detail: nullable(oneOf('auto', 'low', 'high', 'original')),
      file_id: nullable(string),
      image_url: nullable(string),
      ...cachable,
    },
  ),
  input_file: object(
    { type: string },
    {
      detail: oneOf('auto', 'low', 'high'),
      file_data: nullable(string),
      file_id: nullable(string),
      file_url: nullable(string),
      filename: nullable(string),
      ...cachable,
    },
  ),
};
const inputContent = either(
  string,
  list(
    tagged('type', {
      ...inputParts,
      input_audio: object({
        type: string,
        input_audio: object({ data: string, format: oneOf('wav', 'mp3') }),
      }),
    }),
  ),
);

const outputContent = either(
  string,
  list(
    tagged('type', {
      output_text: object(
        { type: string, text: string },
        { annotations: list(record), logprobs: nullable(list(record)) },
      ),
      refusal: object({ type: string, refusal: string }),
    }),
  ),
);

const spoken = object({ role: string, content: inputContent }, { type: string, status, id });
const message = tagged('role', {
  user: spoken,
  system: spoken,
  developer: spoken,
  assistant: object(
    { role: string, content: outputContent },
    { type: string, status, id, phase: nullable(oneOf('commentary', 'final_answer')) },
  ),
});

const toolOutput = either(string, list(tagged('type', inputParts)));
const hosted: Shape = record;
const hostedStatus = oneOf('in_progress', 'searching', 'interpreting', 'completed', 'incomplete', 'failed');
const searchAction = tagged('type', {
  search: object(
    { type: string },
    {
      query: string,
      queries: list(string),
      sources: list(object({ type: oneOf('url'), url: string })),
    },
  ),
  open_page: object({ type: string }, { url: nullable(string) }),
  find_in_page: object({ type: string, pattern: string, url: string }),
});

/** Everything that may stand in `input`. Items of hosted tools are only echoed, so they are taken as they come. */
export const inputItem = tagged(
  'type',
  {
    message,
    function_call: object(
      { type: string, call_id: upTo(64), name: string, arguments: string },
      { id, status, namespace: nullable(string), async: boolean, ...caller },
    ),
    function_call_output: object(
      { type: string, call_id: upTo(64), output: toolOutput },
      { id, status, name: nullable(string), namespace: nullable(string), ...caller },
    ),
    custom_tool_call: object(
      { type: string, call_id: upTo(64), name: string, input: string },
      { id, status, namespace: nullable(string), async: boolean, ...caller },
    ),
    custom_tool_call_output: object(
      { type: string, call_id: upTo(64), output: toolOutput },
      { id, status, ...caller },
    ),
    reasoning: object(
      { type: string, summary: list(object({ type: oneOf('summary_text'), text: string })) },
      {
        id,
        status,
        content: nullable(list(object({ type: oneOf('reasoning_text'), text: string }))),
        encrypted_content: nullable(string),
      },
    ),
    item_reference: object({ id: string }, { type: string }),
    compaction: object({ type: string, encrypted_content: string }, { id, created_by: anything }),
    compaction_trigger: object({ type: string }, { id }),
    configuration_update: object(
      { type: string },
      { id, reasoning: object({}, { effort: reasoningEffort }), text: record },
    ),
    additional_tools: object({ type: string, role: oneOf('developer'), tools: list(tool) }, { id }),
    tool_search_call: hosted,
    tool_search_output: object(
      { type: string, tools: list(tool) },
      { id, status, call_id: nullable(string), execution: oneOf('server', 'client') },
    ),
    web_search_call: object(
      { type: string, status: hostedStatus, action: searchAction },
      { id: nullable(upTo(64)) },
    ),
    file_search_call: hosted,
    computer_call: hosted,
    computer_call_output: hosted,
    code_interpreter_call: object(
      { type: string, id: upTo(64), container_id: string, code: nullable(string) },
      {
        status: hostedStatus,
        outputs: nullable(
          list(
            tagged('type', {
              logs: object({ type: string, logs: string }),
              image: object({ type: string, url: string }),
            }),
          ),
        ),
      },
    ),
    image_generation_call: hosted,
    local_shell_call: hosted,
    local_shell_call_output: hosted,
    shell_call: hosted,
    shell_call_output: hosted,
    apply_patch_call: hosted,
    apply_patch_call_output: hosted,
    mcp_list_tools: hosted,
    mcp_approval_request: hosted,
    mcp_approval_response: hosted,
    mcp_call: hosted,
    program: hosted,
    program_output: hosted,
  },
  'message',
);
