import { call, expectRefusals, hello, mark, result, said, text } from './expect-refusals.ts';
import type { Refusal } from './expect-refusals.ts';

const TURNS: readonly Refusal[] = [
  {
    what: 'an empty text',
    change: said(text({ text: '' }), text()),
    message: /text content blocks must be non-empty/,
  },
  { what: 'blank text', change: said(text({ text: ' \n' })), message: /must contain non-whitespace text/ },
  {
    what: 'an empty message',
    change: { messages: [{ role: 'user', content: '' }] },
    message: /must have non-empty content/,
  },
  {
    what: 'a change of tools without its beta',
    change: {
      messages: [
        hello,
        {
          role: 'system',
          content: [{ type: 'tool_addition', tool: { type: 'tool_reference', name: 'look' } }],
        },
      ],
    },
    message:
      /^messages\.1\.content\.0: `tool_addition` blocks can only be in `system` messages, with the beta/,
  },
  {
    what: 'a system message that begins',
    change: { messages: [{ role: 'system', content: 'x' }, hello] },
    message: /Unexpected role "system"/,
  },
  {
    what: 'an orphan result',
    change: said(result),
    message:
      /^messages\.0\.content\.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1\. Each `tool_result` block must have a corresponding `tool_use` block in the previous message\.$/,
  },
  {
    what: 'an unanswered call',
    change: { messages: [hello, { role: 'assistant', content: [call] }, hello] },
    message:
      /^messages\.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1\. Each/,
  },
  {
    what: 'a result behind text',
    change: {
      messages: [hello, { role: 'assistant', content: [call] }, { role: 'user', content: [text(), result] }],
    },
    message: /without `tool_result` blocks immediately after/,
  },
  {
    what: 'a result given twice',
    change: {
      messages: [hello, { role: 'assistant', content: [call] }, { role: 'user', content: [result, result] }],
    },
    message: /each tool_use must have a single result/,
  },
  {
    what: 'a call id used twice',
    change: {
      messages: [hello, { role: 'assistant', content: [call, call] }, { role: 'user', content: [result] }],
    },
    message: /`tool_use` ids must be unique/,
  },
  {
    what: 'a call by the user',
    change: said(call),
    message: /`tool_use` blocks can only be in `assistant` messages/,
  },
  {
    what: 'a prefill with a space behind it',
    change: { messages: [hello, { role: 'assistant', content: 'I say ' }] },
    message: /cannot end with trailing whitespace/,
  },
  {
    what: 'a prefill on a newer model',
    change: { model: 'claude-opus-4-6', messages: [hello, { role: 'assistant', content: 'I say' }] },
    message: /does not support assistant message prefill/,
  },
  {
    what: 'five cache marks',
    change: said(...Array.from({ length: 5 }, () => text(mark()))),
    message: /A maximum of 4 blocks with cache_control may be provided\. Found 5\./,
  },
  {
    what: 'a longer lifetime behind a shorter',
    change: said(text(mark()), text(mark('1h'))),
    message: /^messages\.0\.content\.1\.cache_control\.ttl: a ttl='1h'/,
  },
  {
    what: 'a cache mark on thinking',
    change: {
      messages: [
        hello,
        { role: 'assistant', content: [{ type: 'thinking', thinking: 'x', signature: 'y', ...mark() }] },
        hello,
      ],
    },
    message: /thinking\.cache_control: Extra inputs/,
  },
];

expectRefusals(TURNS);
