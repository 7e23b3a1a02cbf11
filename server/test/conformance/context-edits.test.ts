import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Json } from '../../src/protocols/canonical/request.ts';
import { encodeRequest } from '../../src/protocols/bedrock-converse/encode-request.ts';
import { geminiTranslation } from '../../src/protocols/gemini/translation.ts';
import { anthropic, chat, responses, target } from './translation-material.ts';

/** What a caller of Messages asks to be taken out of the context, where no provider but its own does that. */
const upstreams = [
  { name: 'Responses', translation: responses.translation, model: 'gpt-5.5' },
  { name: 'Chat Completions', translation: chat.translation, model: 'gpt-4.1' },
  { name: 'Gemini', translation: geminiTranslation, model: 'gemini-3-flash-preview' },
  { name: 'Converse', translation: { encodeRequest }, model: 'amazon.nova-pro-v1:0' },
];

const keepsAll: readonly Json[] = [
  { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
  { edits: [{ type: 'clear_thinking_20251015', keep: { type: 'all' } }] },
  { edits: [] },
  {},
];
const takesOut: readonly Json[] = [
  { edits: [{ type: 'clear_thinking_20251015', keep: { type: 'thinking_turns', value: 2 } }] },
  { edits: [{ type: 'clear_thinking_20251015' }] },
  { edits: [{ type: 'clear_tool_uses_20250919' }] },
  { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }, { type: 'clear_tool_uses_20250919' }] },
  { edits: [{ type: 'compact_20260112' }] },
];

suite('edits of the context', () => {
  for (const { name, translation, model } of upstreams) {
    const lost = (management: Json): readonly string[] => {
      const messages = [{ role: 'user', content: 'Go.' }];
      const body = { model, max_tokens: 99, messages, context_management: management };
      const request = anthropic.translation.decodeRequest(body, target);
      return translation.encodeRequest(request, undefined).losses.map(({ code }) => code);
    };

    test(`that change nothing are no loss at ${name}`, () => {
      for (const management of keepsAll) assert.deepEqual(lost(management), [], JSON.stringify(management));
    });

    test(`that take something out are named at ${name}`, () => {
      for (const management of takesOut) {
        assert.deepEqual(lost(management), ['context_management_dropped'], JSON.stringify(management));
      }
    });
  }
});
