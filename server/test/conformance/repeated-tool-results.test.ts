import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { encodeRequest } from '../../src/protocols/bedrock-converse/encode-request.ts';
import { geminiTranslation } from '../../src/protocols/gemini/translation.ts';
import type { JsonObject } from '../../src/protocols/canonical/request.ts';
import { anthropic, chat, responses, target } from './translation-material.ts';

/** A resumed session of Gemini CLI (0.61.0, 2026-11) says the result of every call twice. */
const upstreams = [
  { name: 'Messages', translation: anthropic.translation, model: 'claude-sonnet-4-5' },
  { name: 'Responses', translation: responses.translation, model: 'gpt-5.5' },
  { name: 'Chat Completions', translation: chat.translation, model: 'gpt-4.1' },
  { name: 'Converse', translation: { encodeRequest }, model: 'amazon.nova-pro-v1:0' },
];

function history(ids: readonly JsonObject[], again: readonly string[]): JsonObject {
  const response = (id: JsonObject, result: string): JsonObject => ({
    functionResponse: { ...id, name: 'look', response: { output: result } },
  });
  const results = ids.map((id, index) => response(id, `seen ${index}`));
  return {
    contents: [
      { role: 'user', parts: [{ text: 'Go.' }] },
      { role: 'model', parts: ids.map((id) => ({ functionCall: { ...id, name: 'look', args: {} } })) },
      { role: 'user', parts: results },
      { role: 'user', parts: ids.map((id, index) => response(id, again[index] ?? '')) },
    ],
    tools: [{ functionDeclarations: [{ name: 'look' }] }],
  };
}

suite('the result of a tool that a Gemini client says twice', () => {
  for (const { name, translation, model } of upstreams) {
    for (const [form, ids] of [
      ['with ids', [{ id: 'c1' }, { id: 'c2' }]],
      ['without ids', [{}, {}]],
    ] as const) {
      test(`reaches ${name} once, and nothing is said to be lost, ${form}`, () => {
        const body = history(ids, ['seen 0', 'seen 1']);
        const request = geminiTranslation.decodeRequest(body, { ...target, model });
        const { value, losses } = translation.encodeRequest(request, undefined);
        const sent = JSON.stringify(value);
        for (const result of ['seen 0', 'seen 1']) assert.equal(sent.split(result).length, 2, sent);
        assert.deepEqual(losses, []);
      });

      test(`reaches ${name} as text where it says something else, ${form}`, () => {
        const body = history(ids, ['seen 0', 'gone']);
        const request = geminiTranslation.decodeRequest(body, { ...target, model });
        const { value, losses } = translation.encodeRequest(request, undefined);
        assert.ok(JSON.stringify(value).includes('gone'));
        assert.deepEqual(losses, [{ code: 'orphan_tool_result_as_text', outcome: 'weakened' }]);
      });
    }
  }
});
