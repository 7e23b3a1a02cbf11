import { call, expectRefusals, hello, look, result, said, text } from './expect-refusals.ts';
import type { Refusal } from './expect-refusals.ts';

const thinking = { type: 'enabled', budget_tokens: 1024 };
const forced = { tools: [look], tool_choice: { type: 'any' } };
const RULES: readonly Refusal[] = [
  {
    what: 'an effort the model does not know',
    change: { model: 'claude-opus-4-6', output_config: { effort: 'xhigh' } },
    message:
      /^This model does not support effort level 'xhigh'\. Supported levels: high, low, max, medium\.$/,
  },
  {
    what: 'an effort on a model without efforts',
    change: { output_config: { effort: 'low' } },
    message: /^This model does not support the effort parameter\.$/,
  },
  {
    what: 'a tool name with a dot',
    change: { tools: [{ ...look, name: 'a.b' }] },
    message: /^tools\.0\.custom\.name: String should match pattern/,
  },
  { what: 'two tools of one name', change: { tools: [look, look] }, message: /Tool names must be unique/ },
  {
    what: 'a schema that is no object',
    change: { tools: [{ ...look, input_schema: { type: 'string' } }] },
    message: /input_schema\.type: Input should be 'object'/,
  },
  {
    what: 'a choice without tools',
    change: { tool_choice: { type: 'auto' } },
    message: /may only be specified while providing `tools`/,
  },
  {
    what: 'a choice of no tool',
    change: { tools: [look], tool_choice: { type: 'tool', name: 'hear' } },
    message: /Tool 'hear' not found in provided tools/,
  },
  {
    what: 'a small budget',
    change: { thinking: { ...thinking, budget_tokens: 1000 } },
    message: /^thinking\.enabled\.budget_tokens: Input should be greater than or equal to 1024$/,
  },
  {
    what: 'a budget over max_tokens',
    change: { thinking, max_tokens: 1024 },
    message: /`max_tokens` must be greater than `thinking\.budget_tokens`/,
  },
  {
    what: 'temperature with thinking',
    change: { thinking, temperature: 0.5 },
    message: /`temperature` may only be set to 1 when thinking is enabled/,
  },
  {
    what: 'a forced tool with thinking',
    change: { thinking, ...forced },
    message: /Thinking may not be enabled when tool_choice forces tool use/,
  },
  {
    what: 'adaptive thinking on an older model',
    change: { thinking: { type: 'adaptive' } },
    message: /"adaptive" is not supported on this model/,
  },
  {
    what: 'a budget on a 5.5 model',
    change: { model: 'claude-haiku-5-5', thinking },
    message: /"enabled" is not supported on this model/,
  },
  {
    what: 'no thinking on an always-thinking model',
    change: { model: 'claude-opus-5-5', thinking: { type: 'disabled' } },
    message: /"disabled" is not supported/,
  },
  {
    what: 'a forced tool on an always-thinking model',
    change: { model: 'claude-sonnet-5-5', ...forced },
    message: /"any" is not supported by claude-sonnet-5-5/,
  },
  {
    what: 'between_tools at the highest effort',
    change: {
      model: 'claude-sonnet-5-5',
      thinking: { type: 'between_tools' },
      output_config: { effort: 'max' },
    },
    message: /does not support `output_config\.effort` "max"/,
  },
  {
    what: 'sampling from Opus 4.7 on',
    change: { model: 'claude-opus-4-7', temperature: 0.2 },
    message: /`temperature` is not supported on this model/,
  },
  {
    what: 'temperature beside top_p',
    change: { temperature: 0.2, top_p: 0.5 },
    message: /cannot both be specified/,
  },
  {
    what: 'sampling under the newest version',
    change: { temperature: 1 },
    headers: { 'anthropic-version': '2026-10-21' },
    message: /^temperature: .*2026-10-21$/,
  },
  {
    what: 'citations on user text under the newest version',
    change: said(
      text({
        citations: [
          {
            type: 'search_result_location',
            cited_text: 'x',
            end_block_index: 1,
            search_result_index: 0,
            source: 's',
            start_block_index: 0,
            title: null,
          },
        ],
      }),
    ),
    headers: { 'anthropic-version': '2026-10-21' },
    message: /citations are not permitted on user text blocks/,
  },
  {
    what: 'a document in an assistant turn under the newest version',
    change: {
      messages: [
        hello,
        {
          role: 'assistant',
          content: [{ type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'x' } }],
        },
        hello,
      ],
    },
    headers: { 'anthropic-version': '2026-10-21' },
    message: /`document` blocks are not permitted in assistant turns/,
  },
  {
    what: 'a tool loop without its thinking',
    change: {
      thinking,
      tools: [look],
      messages: [hello, { role: 'assistant', content: [call] }, { role: 'user', content: [result] }],
    },
    message:
      /^messages\.1\.content\.0\.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`/,
  },
  {
    what: 'a prompt over the window',
    change: said(text({ text: 'word '.repeat(200_001) })),
    message: /^prompt is too long: \d+ tokens > 200000 maximum$/,
  },
];

expectRefusals(RULES);
