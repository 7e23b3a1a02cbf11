import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLossList } from '../protocols/canonical/losses.ts';
import { openaiChatCarriage } from './openai-output-limit.ts';

function wrap(model: string, text: string, catalogueModel = model): string | undefined {
  const target = { operation: 'generate', query: '', stream: false } as const;
  const losses = createLossList();
  const request = { model, catalogueModel, target, isTranslated: false, header: () => undefined, losses };
  return openaiChatCarriage.wrap?.(Buffer.from(text), request).toString();
}

test('a reasoning model of OpenAI gets the output limit under the name it takes, and no other byte changes', () => {
  assert.equal(
    wrap('gpt-5.5', '{"model":"gpt-5.5", "max_tokens":32000,\n"x":"max_tokens" }'),
    '{"max_completion_tokens":32000,"model":"gpt-5.5", "x":"max_tokens" }',
  );
  assert.equal(wrap('o3', '{"max_tokens":1,"max_completion_tokens":2}'), '{"max_completion_tokens":2}');
});

test('a body without the old limit, and one for a model that takes it, go on as they are', () => {
  const inside =
    '{"model":"gpt-5.5","messages":[{"role":"user","content":"say \\"max_tokens\\""}],"a":{"max_tokens":1}}';
  assert.equal(wrap('gpt-5.5', inside), inside);
  const older = '{"model":"gpt-4.1", "max_tokens":5}';
  assert.equal(wrap('gpt-4.1', older), older);
});

test('a deployment of any name gets the limit under the name that its model in the catalogue takes', () => {
  assert.equal(wrap('our-thinker', '{"max_tokens":5}', 'gpt-5.5'), '{"max_completion_tokens":5}');
  assert.equal(wrap('o3-prod', '{"max_tokens":5}', 'house-model'), '{"max_completion_tokens":5}');
  assert.equal(wrap('our-mini', '{"max_tokens":5}', 'gpt-4.1-mini'), '{"max_tokens":5}');
});
