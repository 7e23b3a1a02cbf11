import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { protocolRegistry } from '../registry.ts';
import type { ClientProtocolId, Json, JsonObject } from './request.ts';

type Asked = readonly [from: ClientProtocolId, tier: string];

const bodies: Readonly<Partial<Record<ClientProtocolId, (tier: string) => JsonObject>>> = {
  'openai-chat': (service_tier) => ({ model: 'm', messages: [{ role: 'user', content: 'a' }], service_tier }),
  'openai-responses': (service_tier) => ({ model: 'm', input: 'a', service_tier }),
  'anthropic-messages': (service_tier) => ({
    model: 'm',
    max_tokens: 9,
    messages: [{ role: 'user', content: 'a' }],
    service_tier,
  }),
  gemini: (serviceTier) => ({ contents: [{ role: 'user', parts: [{ text: 'a' }] }], serviceTier }),
};

/** The word that the upstream gets, and whether a loss was named. */
function sent(
  [from, tier]: Asked,
  to: ClientProtocolId,
  model: string,
): readonly [Json | undefined, boolean] {
  const body = bodies[from]?.(tier) ?? {};
  const target = { operation: 'generate', query: '', model: 'm' } as const;
  const request = protocolRegistry[from].translation?.decodeRequest(body, target);
  assert.ok(request);
  const encoded = protocolRegistry[to].translation?.encodeRequest({ ...request, model }, undefined);
  const value = encoded?.value ?? {};
  const isLost = encoded?.losses.some((loss) => loss.code === 'service_tier_dropped') === true;
  return [value['service_tier'] ?? value['serviceTier'], isLost];
}

suite('a service tier', () => {
  test('is asked for in the words of the upstream', () => {
    const cases: readonly (readonly [Asked, ClientProtocolId, string, Json | undefined])[] = [
      [['openai-chat', 'default'], 'anthropic-messages', 'claude-sonnet-4-5', 'standard_only'],
      [['openai-chat', 'flex'], 'gemini', 'gemini-3.5-flash', 'flex'],
      [['openai-responses', 'auto'], 'gemini', 'gemini-3.5-flash', undefined],
      [['gemini', 'STANDARD'], 'openai-responses', 'gpt-5.4', 'default'],
      [['gemini', 'FLEX'], 'openai-chat', 'gpt-5.4', 'flex'],
      [['anthropic-messages', 'standard_only'], 'openai-chat', 'gpt-5.4', 'default'],
      [['anthropic-messages', 'auto'], 'openai-responses', 'gpt-5.4', 'auto'],
      [['openai-chat', 'fast'], 'openai-responses', 'gpt-5.4', 'priority'],
      [['anthropic-messages', 'standard_only'], 'openai-chat', 'llama-3', undefined],
    ];
    for (const [asked, to, model, word] of cases) {
      assert.deepEqual(sent(asked, to, model), [word, false], `${asked.join(' ')} to ${to}`);
    }
  });

  test('that the upstream does not have is named, and never becomes a dearer one', () => {
    const cases: readonly (readonly [Asked, ClientProtocolId, string, Json | undefined])[] = [
      [['openai-chat', 'flex'], 'anthropic-messages', 'claude-sonnet-4-5', 'standard_only'],
      [['openai-chat', 'priority'], 'anthropic-messages', 'claude-sonnet-4-5', undefined],
      [['openai-chat', 'scale'], 'gemini', 'gemini-3.5-flash', undefined],
      [['openai-responses', 'ultrafast'], 'openai-chat', 'gpt-5.4', undefined],
      [['gemini', 'PRIORITY'], 'openai-chat', 'llama-3', undefined],
    ];
    for (const [asked, to, model, word] of cases) {
      assert.deepEqual(sent(asked, to, model), [word, true], `${asked.join(' ')} to ${to}`);
    }
  });
});
