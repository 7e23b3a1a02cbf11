import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { JsonObject } from '../../src/protocols/canonical/request.ts';
import { geminiTranslation } from '../../src/protocols/gemini/translation.ts';
import { anthropic, chat, responses, target } from './translation-material.ts';

/** A document of plain text in base64 is words to a wire that takes no such file. */
const words = 'first line';
const data = Buffer.from(words).toString('base64');

const requests = {
  Gemini: geminiTranslation.decodeRequest(
    { contents: [{ role: 'user', parts: [{ inlineData: { mimeType: 'text/plain', data } }] }] },
    { ...target, model: 'm' },
  ),
  Responses: responses.translation.decodeRequest(
    {
      model: 'm',
      input: [
        {
          role: 'user',
          content: [{ type: 'input_file', filename: 'a.txt', file_data: `data:text/plain;base64,${data}` }],
        },
      ],
    },
    target,
  ),
};

function sentTo(side: typeof chat, from: keyof typeof requests): JsonObject {
  const model = side === chat ? 'gpt-4.1' : 'claude-sonnet-4-5';
  const { value, losses } = side.translation.encodeRequest({ ...requests[from], model }, undefined);
  assert.deepEqual(losses, []);
  return value;
}

suite('a document of plain text', () => {
  test('is words to Chat Completions, under its name where it has one', () => {
    const said = (from: keyof typeof requests): string => JSON.stringify(sentTo(chat, from)['messages']);
    assert.match(said('Gemini'), /first line/u);
    assert.match(said('Responses'), /a\.txt\\n\\nfirst line/u);
    for (const from of ['Gemini', 'Responses'] as const) assert.doesNotMatch(said(from), /file_data|base64/u);
  });

  test('is a document of text to Messages', () => {
    for (const from of ['Gemini', 'Responses'] as const) {
      const said = JSON.stringify(sentTo(anthropic, from)['messages']);
      assert.match(said, /"source":\{"type":"text","media_type":"text\/plain","data":"first line"\}/u);
    }
  });
});
