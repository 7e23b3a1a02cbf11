import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CanonicalRequest, JsonObject, Part, Turn } from '../canonical/request.ts';
import { encodeRequest } from './encode-request.ts';

const nova = 'us.amazon.nova-lite-v1:0';
const llama = 'us.meta.llama3-3-70b-instruct-v1:0';
const claude = 'us.anthropic.claude-sonnet-4-6';
const text = (value: string): Part => ({ type: 'text', text: value });
const user = (...parts: readonly Part[]): Turn => ({ role: 'user', parts });

function encoded(
  model: string,
  over: Partial<CanonicalRequest> = {},
): { readonly value: JsonObject; readonly lost: readonly string[] } {
  const request: CanonicalRequest = {
    origin: 'openai-chat',
    model,
    stream: true,
    system: [],
    turns: [user(text('Hi'))],
    tools: [],
    stop: [],
    sampling: {},
    includeUsage: true,
    extra: {},
    ...over,
  };
  const { value, losses } = encodeRequest(request, undefined);
  return { value, lost: losses.map(({ code }) => code) };
}

const messagesOf = (value: JsonObject) =>
  value['messages'] as readonly { role: string; content: readonly JsonObject[] }[];
const weather = { type: 'function' as const, name: 'get_weather', schema: { type: 'object' } };

suite('a request for the family of its model', () => {
  test('asks for reasoning in the words of each family, and says where there are none', () => {
    const asked = (model: string, effort: 'none' | 'low' | 'xhigh'): unknown => {
      const { value, lost } = encoded(model, { reasoning: { effort } });
      return [value['additionalModelRequestFields'], ...lost];
    };
    assert.deepEqual(asked('us.amazon.nova-2-lite-v1:0', 'low'), [
      { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' } },
    ]);
    assert.deepEqual(asked('us.amazon.nova-2-lite-v1:0', 'none'), [
      { reasoningConfig: { type: 'disabled' } },
    ]);
    assert.deepEqual(asked('openai.gpt-oss-120b-1:0', 'xhigh'), [
      { reasoning_effort: 'high' },
      'reasoning_level_changed',
    ]);
    assert.deepEqual(asked('qwen.qwen3-32b-v1:0', 'low'), [{ reasoning_config: 'low' }]);
    assert.deepEqual(asked('us.deepseek.r1-v1:0', 'none'), [undefined, 'reasoning_cannot_be_off']);
    assert.deepEqual(asked(llama, 'low'), [undefined, 'reasoning_dropped']);
    assert.deepEqual(asked(llama, 'none'), [undefined]);
  });

  test('places top_k where the family has it', () => {
    const placed = (model: string): unknown => {
      const { value, lost } = encoded(model, { sampling: { topK: 5 } });
      return value['additionalModelRequestFields'] ?? lost;
    };
    assert.deepEqual(placed(nova), { inferenceConfig: { topK: 5 } });
    assert.deepEqual(placed('cohere.command-r-plus-v1:0'), { k: 5 });
    assert.deepEqual(placed('mistral.mistral-large-2407-v1:0'), { top_k: 5 });
    assert.deepEqual(placed(llama), ['top_k_dropped']);
  });

  test('forces a tool where the model can be forced, and asks where it cannot', () => {
    const choice = (model: string, tools = [weather]): unknown => {
      const { value, lost } = encoded(model, { tools, toolChoice: { type: 'tool', name: 'get_weather' } });
      return [(value['toolConfig'] as JsonObject)['toolChoice'], ...lost];
    };
    assert.deepEqual(choice(nova), [{ tool: { name: 'get_weather' } }]);
    assert.deepEqual(choice('mistral.mistral-large-2407-v1:0'), [{ any: {} }]);
    const two = [weather, { ...weather, name: 'other' }];
    assert.deepEqual(choice('mistral.mistral-large-2407-v1:0', two), [{ auto: {} }, 'tool_choice_weakened']);
    assert.deepEqual(choice(llama), [{ auto: {} }, 'tool_choice_weakened']);
  });

  test('leaves tools out where none may be called, but keeps them where the history has calls', () => {
    const none = { tools: [weather], toolChoice: { type: 'none' as const } };
    assert.equal(encoded(nova, none).value['toolConfig'], undefined);
    const turns: Turn[] = [
      user(text('Hi')),
      { role: 'assistant', parts: [{ type: 'tool-call', id: 'a', name: 'gone', argumentsText: '{}' }] },
      { role: 'tool', parts: [{ type: 'tool-result', callId: 'a', parts: [], isError: false }] },
    ];
    const { value, lost } = encoded(nova, { ...none, turns });
    const tools = (value['toolConfig'] as { tools: readonly { toolSpec: { name: string } }[] }).tools;
    assert.deepEqual(
      tools.map(({ toolSpec }) => toolSpec.name),
      ['get_weather', 'gone'],
    );
    assert.deepEqual(lost, ['tool_choice_weakened']);
  });

  test('spells ids of calls in nine letters where the model wants them so, the same on both sides', () => {
    const turns: Turn[] = [
      user(text('Hi')),
      {
        role: 'assistant',
        parts: [{ type: 'tool-call', id: 'toolu_long_id', name: 'f', argumentsText: '' }],
      },
      {
        role: 'tool',
        parts: [{ type: 'tool-result', callId: 'toolu_long_id', parts: [text('x') as never], isError: true }],
      },
    ];
    const [, call, result] = messagesOf(encoded('mistral.mistral-large-2407-v1:0', { turns }).value);
    const toolUse = call?.content[0]?.['toolUse'] as JsonObject;
    const toolResult = result?.content[0]?.['toolResult'] as JsonObject;
    assert.match(toolUse['toolUseId'] as string, /^[a-f0-9]{9}$/);
    assert.equal(toolResult['toolUseId'], toolUse['toolUseId']);
    assert.deepEqual(toolResult['content'], [{ text: 'Error:' }, { text: 'x' }]);
  });

  test('keeps at most four cache points, where the family has a cache, long lives before short ones', () => {
    const marked = (ttl?: '5m' | '1h'): Part => ({
      type: 'text',
      text: 'a',
      cache: ttl === undefined ? {} : { ttl },
    });
    const request = {
      system: [marked('1h'), marked(), marked()] as never,
      tools: [{ ...weather, cache: {} }],
      turns: [user(marked(), marked(), marked('1h'))],
    };
    const points = (model: string): readonly string[] =>
      [...JSON.stringify(encoded(model, request).value).matchAll(/"cachePoint":(\{[^}]*\})/g)].map(
        ([, point]) => point ?? '',
      );
    assert.deepEqual(points(llama), []);
    assert.equal(points(nova).length, 4);
    assert.equal(points(claude).length, 4);
    assert.ok(points(claude).every((point) => point === '{"type":"default"}'));
    const short = JSON.stringify(encoded(claude, { system: [marked('1h')] as never }).value);
    assert.ok(short.includes('"ttl":"1h"'));
  });

  test('names documents apart, in the alphabet of the wire, beside a text', () => {
    const file = (filename: string): Part => ({
      type: 'document',
      source: { type: 'base64', data: 'JVBERi0=' },
      mimeType: 'application/pdf',
      filename,
    });
    const [message] = messagesOf(
      encoded(nova, { turns: [user(file('Q3_report (final).pdf'), file('Q3_report (final).pdf'))] }).value,
    );
    const names = message?.content.flatMap(({ document }) =>
      document === undefined ? [] : [(document as JsonObject)['name']],
    );
    assert.deepEqual(names, ['Q3-report (final)', 'Q3-report (final) (2)']);
    assert.ok(message?.content.some((block) => block['text'] !== undefined));
  });

  test('reads a system prompt at the head of the conversation where the model has none', () => {
    const { value } = encoded('mistral.mistral-7b-instruct-v0:2', {
      system: [{ type: 'text', text: 'Be kind.' }],
    });
    assert.equal(value['system'], undefined);
    assert.deepEqual(messagesOf(value)[0]?.content, [{ text: 'Be kind.' }, { text: 'Hi' }]);
  });

  test('chooses the tier that was asked for and no other', () => {
    const tier = (serviceTier: string): unknown => {
      const { value, lost } = encoded(nova, { serviceTier });
      return value['serviceTier'] ?? lost;
    };
    assert.deepEqual(tier('flex'), { type: 'flex' });
    assert.deepEqual(tier('priority'), { type: 'priority' });
    assert.deepEqual(tier('auto'), []);
    assert.deepEqual(tier('ultrafast'), ['service_tier_dropped']);
  });
});
