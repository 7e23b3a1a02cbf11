import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createLossList } from '../protocols/canonical/losses.ts';
import { dialectIds } from '../protocols/shared/openai-dialects/index.ts';
import { openaiCompatible } from './openai-compatible.ts';
import type { ConnectionSettings } from './upstream-kind.ts';

const target = { operation: 'generate', query: '', stream: true } as const;

function settings(over: Partial<ConnectionSettings>): ConnectionSettings {
  return { baseUrl: 'https://models.example.com/v1', credential: 'key', options: {}, ...over };
}

function passedOn(over: Partial<ConnectionSettings>, body: object, isTranslated = false): string {
  const carriage = openaiCompatible.carriage?.('openai-chat', settings(over));
  const bytes = Buffer.from(JSON.stringify(body));
  const names = { model: 'm', catalogueModel: 'm' };
  const request = { ...names, target, header: () => undefined, losses: createLossList(), isTranslated };
  return (carriage?.wrap?.(bytes, request) ?? bytes).toString();
}

suite('openai-compatible accounts', () => {
  test('every preset has a dialect of its name', () => {
    for (const preset of Object.keys(openaiCompatible.presets))
      assert.ok(dialectIds.includes(preset), preset);
  });

  test('servers known to have no completions are asked as chat models', () => {
    const spoken = (over: Partial<ConnectionSettings>) =>
      openaiCompatible.speaks('complete', 'm', settings(over));
    assert.deepEqual(spoken({ preset: 'groq' }), []);
    assert.deepEqual(spoken({ baseUrl: 'https://api.mistral.ai/v1' }), []);
    assert.deepEqual(spoken({ preset: 'vllm' }), ['openai-completions']);
    assert.deepEqual(spoken({}), ['openai-completions']);
  });

  test('the dialect comes from the option, else the preset, else the host, else nowhere', () => {
    const dialect = (over: Partial<ConnectionSettings>) => openaiCompatible.dialectOf?.(settings(over));
    assert.equal(dialect({ options: { dialect: 'vllm' }, preset: 'groq' }), 'vllm');
    assert.equal(dialect({ preset: 'groq' }), 'groq');
    assert.equal(dialect({ baseUrl: 'https://api.moonshot.cn/v1' }), 'moonshot');
    assert.equal(dialect({ baseUrl: 'https://open.bigmodel.cn/api/paas/v4' }), 'zhipu');
    assert.equal(dialect({}), undefined);
    assert.equal(dialect({ options: { quirks: 'user-at-end' } }), 'plain+user-at-end');
  });

  test("a client's own body is changed for the server, one of our own is not changed again", () => {
    const body = { messages: [{ role: 'developer', content: 'x' }] };
    assert.match(passedOn({ preset: 'mistral' }, body), /"role":"system"/);
    assert.equal(passedOn({ preset: 'mistral' }, body, true), JSON.stringify(body));
    assert.equal(passedOn({}, body), JSON.stringify(body));
    assert.match(passedOn({ options: { quirks: 'system-role-only' } }, body), /"role":"system"/);
  });

  test("the provider's other wires are used where the account asks for them", () => {
    const all = { wires: 'all' };
    const spoken = (over: Partial<ConnectionSettings>) =>
      openaiCompatible.speaks('generate', 'm', settings(over));
    assert.deepEqual(spoken({ preset: 'xai' }), ['openai-chat']);
    assert.deepEqual(spoken({ preset: 'xai', options: all }), ['openai-chat', 'openai-responses']);
    for (const preset of ['deepseek', 'moonshot', 'qwen', 'zhipu']) {
      assert.deepEqual(spoken({ preset, options: all }), ['openai-chat', 'anthropic-messages'], preset);
    }
    assert.deepEqual(spoken({ options: all }), ['openai-chat']);
  });

  test('Anthropic Messages lies at a path of its own on the same host', () => {
    const zhipu = settings({ preset: 'zhipu', baseUrl: 'https://api.z.ai/api/paas/v4' });
    const address = openaiCompatible.address(zhipu, 'anthropic-messages', 'glm-5.3', target);
    assert.equal(address.origin, 'https://api.z.ai');
    assert.equal(address.path, '/api/anthropic/v1/messages');
    assert.deepEqual(address.headers, [
      'authorization',
      'Bearer key',
      'x-api-key',
      'key',
      'anthropic-version',
      '2023-06-01',
    ]);
    assert.deepEqual(openaiCompatible.address(zhipu, 'openai-chat', 'glm-5.3', target), {
      path: '/chat/completions',
      headers: ['authorization', 'Bearer key'],
    });
  });

  test('a server without a key is sent none', () => {
    const { headers } = openaiCompatible.address(settings({ credential: '' }), 'openai-chat', 'm', target);
    assert.deepEqual(headers, []);
  });
});
