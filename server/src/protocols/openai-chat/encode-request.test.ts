import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CanonicalRequest, JsonObject } from '../canonical/request.ts';
import { encodeRequest } from './encode-request.ts';

const plain: CanonicalRequest = {
  origin: 'anthropic-messages',
  model: 'gpt-4.1',
  stream: false,
  system: [],
  turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
  tools: [],
  maxOutputTokens: 100,
  stop: [],
  sampling: {},
  includeUsage: true,
  extra: {},
};

function encoded(over: Partial<CanonicalRequest>, provider?: string) {
  const facts =
    provider === undefined
      ? undefined
      : {
          id: 'x',
          provider,
          aliases: [],
          contextWindow: 0,
          maxOutput: 0,
          inputModalities: [],
          outputModalities: [],
        };
  const { value, losses } = encodeRequest({ ...plain, ...over }, facts);
  return { value, codes: losses.map((loss) => loss.code) };
}

function effortOf(over: Partial<CanonicalRequest>): readonly unknown[] {
  const { value, codes } = encoded(over);
  return [value['reasoning_effort'], ...codes];
}

suite('requests of other protocols for Chat Completions', () => {
  test('the output limit has the name that the server knows', () => {
    assert.equal(encoded({}).value['max_completion_tokens'], 100);
    assert.equal(encoded({ model: 'grok-4.7' }, 'xai').value['max_tokens'], 100);
    assert.equal(encoded({ model: 'openai/gpt-oss-120b' }, 'groq').value['max_tokens'], 100);
  });

  test('effort moves to the nearest level of the model, downwards first', () => {
    assert.deepEqual(effortOf({ model: 'gpt-5', reasoning: { effort: 'max' } }), [
      'high',
      'reasoning_level_changed',
    ]);
    assert.deepEqual(effortOf({ model: 'gpt-5.5', reasoning: { style: 'off' } }), ['none']);
    assert.deepEqual(effortOf({ model: 'gpt-5', reasoning: { style: 'off' } }), [
      'minimal',
      'reasoning_cannot_be_off',
    ]);
    assert.deepEqual(effortOf({ model: 'o3', reasoning: { style: 'budget', budget: 2048 } }), ['low']);
    assert.deepEqual(effortOf({ reasoning: { style: 'adaptive', effort: 'high' } }), [
      undefined,
      'reasoning_dropped',
    ]);
  });

  test('a model that refuses tools while it reasons is told not to', () => {
    const tools = [{ type: 'function', name: 'f' }] as const;
    const over = { model: 'gpt-5.6-sol', tools, reasoning: { effort: 'high' } } as const;
    assert.deepEqual(effortOf(over), ['none', 'reasoning_off_with_tools']);
  });

  test('compatible servers are told to think in their own words', () => {
    const reasoning = { style: 'adaptive' } as const;
    assert.deepEqual(encoded({ model: 'glm-5.3', reasoning }, 'zhipu').value['thinking'], {
      type: 'enabled',
    });
    const off = encoded({ model: 'qwen3.8-max', reasoning: { style: 'off' } }, 'qwen');
    assert.equal(off.value['enable_thinking'], false);
    const plainModel = encoded({ model: 'codestral-2508', reasoning: { effort: 'high' } }, 'mistral');
    assert.equal(plainModel.value['reasoning_effort'], undefined);
    assert.deepEqual(plainModel.codes, ['reasoning_dropped']);
  });

  test('call ids have the form that the server demands, the same in call and result', () => {
    const turns: CanonicalRequest['turns'] = [
      ...plain.turns,
      { role: 'assistant', parts: [{ type: 'tool-call', id: 'toolu_01AB', name: 'f', argumentsText: '{}' }] },
      { role: 'tool', parts: [{ type: 'tool-result', callId: 'toolu_01AB', parts: [], isError: false }] },
    ];
    const { value } = encoded({ model: 'mistral-large-4', turns }, 'mistral');
    const [, asked, answered] = value['messages'] as readonly JsonObject[];
    const [call] = (asked?.['tool_calls'] ?? []) as readonly JsonObject[];
    assert.match(JSON.stringify(call?.['id']), /^"[A-Za-z0-9]{9}"$/);
    assert.equal(answered?.['tool_call_id'], call?.['id']);
  });

  test('tools of the other provider are dropped, forced ones and those the client runs refused', () => {
    const hosted = {
      type: 'hosted',
      name: 'web_search',
      protocol: 'anthropic-messages',
      config: {},
    } as const;
    assert.deepEqual(encoded({ tools: [hosted] }).codes, ['hosted_tool_dropped']);
    assert.deepEqual(encoded({ tools: [hosted], toolChoice: { type: 'tool', name: 'web_search' } }).codes, [
      'hosted_tool_refused',
    ]);
    assert.deepEqual(encoded({ tools: [{ ...hosted, isClientRun: true }] }).codes, ['client_tool_refused']);
  });

  test('stop sequences past the fourth and for models that take none are left to the relay', () => {
    const stop = ['a', 'b', 'c', 'd', 'e'];
    assert.deepEqual(encoded({ stop }).value['stop'], ['a', 'b', 'c', 'd']);
    assert.equal(encoded({ stop, model: 'gpt-5' }).value['stop'], undefined);
    assert.deepEqual(encoded({ stop, model: 'gpt-5' }).codes, []);
  });

  test('filling a cache without an answer and files of another account are refused', () => {
    assert.deepEqual(encoded({ maxOutputTokens: 0 }).codes, ['cache_warm_refused']);
    const part = {
      type: 'image',
      source: { type: 'file-id', fileId: 'f', owner: 'anthropic-messages' },
    } as const;
    assert.ok(encoded({ turns: [{ role: 'user', parts: [part] }] }).codes.includes('file_id_refused'));
  });
});
