import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { abilitiesOf } from '../../../domain/model-families.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { dialectIds, dialectNamed, quirkNames, reasoningSettings, respeak, speak } from './index.ts';

interface Spoken {
  readonly body: JsonObject;
  readonly lost: readonly string[];
}

function said(id: string, body: JsonObject, model = 'some-model'): Spoken {
  const lost: string[] = [];
  const accepts = abilitiesOf({ model, protocol: 'openai-chat' }, undefined);
  const spoken = speak(body, { dialect: dialectNamed(id), accepts, lose: (code) => lost.push(code) });
  return { body: spoken, lost };
}

function passed(id: string, text: string, model = 'some-model'): string {
  const accepts = abilitiesOf({ model, protocol: 'openai-chat' }, undefined);
  const dialect = dialectNamed(id);
  return respeak(Buffer.from(text), { dialect, accepts, lose: () => undefined }).toString();
}

const user = { role: 'user', content: 'Hi' };
const call = (id: string) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } });
const called = { role: 'assistant', content: null, tool_calls: [call('toolu_01')] };
const result = { role: 'tool', tool_call_id: 'toolu_01', content: '1' };

const messagesOf = ({ body }: Spoken): JsonObject[string] => body['messages'] ?? null;

suite('quirks of servers', () => {
  test('each demand is met, and only where there is one', () => {
    const quirk = (name: string, messages: readonly JsonObject[]) =>
      messagesOf(said(`plain+${name}`, { messages }));
    assert.deepEqual(quirk('system-role-only', [{ role: 'developer', content: 'x' }, user]), [
      { role: 'system', content: 'x' },
      user,
    ]);
    const late = { role: 'system', content: 'Hurry' };
    assert.deepEqual(quirk('leading-system-only', [late, user, late]), [
      late,
      user,
      { role: 'user', content: '<system>\nHurry\n</system>' },
    ]);
    assert.deepEqual(quirk('single-system', [late, { role: 'system', content: 'Rest' }, user]), [
      { role: 'system', content: 'Hurry\n\nRest' },
      user,
    ]);
    assert.deepEqual(
      quirk('alternating-turns', [
        { role: 'assistant', content: 'Hello' },
        user,
        { role: 'user', content: 'Hm?' },
      ]),
      [
        { role: 'user', content: '(continue)' },
        { role: 'assistant', content: 'Hello' },
        { role: 'user', content: 'Hi\n\nHm?' },
      ],
    );
    assert.deepEqual(quirk('named-tool-results', [user, called, result]), [
      user,
      called,
      { ...result, name: 'f' },
    ]);
    assert.deepEqual(quirk('answer-before-user', [user, called, result, user]), [
      user,
      called,
      result,
      { role: 'assistant', content: 'OK' },
      user,
    ]);
    assert.deepEqual(quirk('text-beside-calls', [user, called, result]), [
      user,
      { ...called, content: '' },
      result,
    ]);
    assert.deepEqual(quirk('user-at-end', [user, { role: 'assistant', content: 'So' }]), [
      user,
      { role: 'assistant', content: 'So' },
      { role: 'user', content: '(continue)' },
    ]);
  });

  test('a body that a server takes as it is stays the same object', () => {
    const body = {
      model: 'm',
      messages: [{ role: 'system', content: 'json' }, user],
      max_tokens: 5,
    };
    for (const id of dialectIds) assert.equal(said(id, body).body, body, id);
  });

  test('call ids of nine characters are the same in call and result, and stay what they are', () => {
    const [, asked, answered] = messagesOf(
      said('mistral', { messages: [user, called, result] }),
    ) as JsonObject[];
    const [made] = (asked?.['tool_calls'] ?? []) as JsonObject[];
    assert.match(JSON.stringify(made?.['id']), /^"[a-zA-Z0-9]{9}"$/);
    assert.equal(answered?.['tool_call_id'], made?.['id']);
    const kept = { role: 'assistant', content: '', tool_calls: [call('abcdefgh1')] };
    const again = messagesOf(said('mistral', { messages: [user, kept] })) as JsonObject[];
    assert.deepEqual(again[1]?.['tool_calls'], kept.tool_calls);
  });

  test('earlier reasoning goes back where each server keeps it', () => {
    const thought = { role: 'assistant', content: 'Yes', reasoning_content: 'Hm' };
    const back = (id: string, model?: string) =>
      (messagesOf(said(id, { messages: [user, thought, user] }, model)) as JsonObject[])[1];
    assert.deepEqual(back('deepseek'), thought);
    assert.deepEqual(back('groq'), { reasoning: 'Hm', role: 'assistant', content: 'Yes' });
    assert.deepEqual(back('mistral', 'mistral-small-2603')?.['content'], [
      { type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] },
      { type: 'text', text: 'Yes' },
    ]);
    assert.deepEqual(back('perplexity'), { role: 'assistant', content: 'Yes' });
  });

  test('models that must see their reasoning beside calls get an empty text where none is left', () => {
    const turn = (model: string) =>
      (messagesOf(said('deepseek', { messages: [user, called, result] }, model)) as JsonObject[])[1];
    assert.equal(turn('deepseek-v4-pro')?.['reasoning_content'], '');
    assert.equal(turn('deepseek-chat')?.['reasoning_content'], undefined);
  });

  test('a schema goes into the instructions where the server has JSON alone', () => {
    const format = { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' } } };
    const told = said('zhipu', {
      messages: [{ role: 'system', content: 'Be kind.' }, user],
      response_format: format,
    });
    assert.deepEqual(told.body['response_format'], { type: 'json_object' });
    assert.match(JSON.stringify(messagesOf(told)), /Be kind\..*JSON schema.*\{\\"type\\":\\"object\\"\}/);
    assert.deepEqual(told.lost, ['schema_by_instruction']);
    const mode = said('deepseek', { messages: [user], response_format: { type: 'json_object' } });
    assert.match(JSON.stringify(messagesOf(mode)), /JSON object/);
    assert.deepEqual(mode.lost, []);
  });

  test('what a server refuses is left out, renamed, and named where it asked for something', () => {
    const told = said('mistral', {
      messages: [user],
      max_completion_tokens: 9,
      seed: 4,
      stream_options: { include_usage: true },
      logit_bias: { 5: 1 },
      service_tier: 'auto',
    });
    assert.deepEqual(told.body, { messages: [user], max_tokens: 9, random_seed: 4 });
    assert.deepEqual(told.lost, ['logit_bias_dropped']);
    assert.deepEqual(said('zhipu', { messages: [user], tools: [], tool_choice: 'required' }).lost, [
      'tool_choice_weakened',
    ]);
    const mixed = [{ function: { name: 'a', strict: true } }, { function: { name: 'b' } }];
    assert.deepEqual(said('cerebras', { messages: [user], tools: mixed }).body['tools'], [
      { function: { name: 'a' } },
      { function: { name: 'b' } },
    ]);
  });

  test('tools offered to a server that calls none are left out by name, and forced ones refused', () => {
    const asked = (choice: JsonObject[string]) =>
      said('perplexity', { messages: [user], tools: [{ type: 'function' }], tool_choice: choice });
    assert.deepEqual(asked('auto'), { body: { messages: [user] }, lost: ['tools_dropped'] });
    assert.deepEqual(asked('required').lost, ['tools_refused']);
    assert.deepEqual(asked({ type: 'function', function: { name: 'f' } }).lost, ['tools_refused']);
  });

  test('a server without tools gets the history of a tool loop as text', () => {
    const told = said('perplexity', { messages: [user, called, result], tools: [], tool_choice: 'auto' });
    assert.equal(told.body['tools'], undefined);
    assert.match(JSON.stringify(messagesOf(told)), /Tool calls: .*Tool result:/);
    assert.deepEqual(told.lost, ['tool_history_as_text', 'tool_history_as_text']);
  });

  test('a history with calls declares their tools again where the server demands it', () => {
    const { body } = said('litellm', { messages: [user, called, result] });
    assert.equal(body['tool_choice'], 'none');
    assert.match(JSON.stringify(body['tools']), /"name":"f"/);
  });

  test('messages of any shape pass through every dialect', () => {
    const odd = [
      { messages: 'none' },
      { messages: [null, 3, user] },
      {
        messages: [{ role: 'assistant', tool_calls: 'x', content: [null, 'y'] }, { role: 'tool' }],
        tools: 7,
      },
      { messages: [], response_format: [], tool_choice: [], reasoning_effort: {} },
    ] as unknown as readonly JsonObject[];
    for (const id of [...dialectIds, `plain+${quirkNames.join('+')}`]) {
      for (const body of odd) assert.doesNotThrow(() => said(id, body, 'deepseek-v4-pro'), id);
    }
  });
});

suite('reasoning in the words of each server', () => {
  const settings = (id: string, model: string, isOff = false) => {
    const accepts = abilitiesOf({ model, protocol: 'openai-chat' }, undefined);
    const effort = isOff ? undefined : 'high';
    return reasoningSettings(dialectNamed(id), { isOff, effort, budget: undefined, accepts });
  };

  test('is switched on', () => {
    assert.deepEqual(settings('deepseek', 'deepseek-v4-pro'), {
      thinking: { type: 'enabled' },
      reasoning_effort: 'high',
    });
    assert.deepEqual(settings('moonshot', 'kimi-k2.6'), { thinking: { type: 'enabled' } });
    assert.deepEqual(settings('moonshot', 'kimi-k3'), { reasoning_effort: 'high' });
    assert.deepEqual(settings('qwen', 'qwen3.8-max'), { enable_thinking: true, thinking_budget: 49_152 });
    assert.deepEqual(settings('openrouter', 'anthropic/claude-sonnet-4.5'), {
      reasoning: { effort: 'high' },
    });
    assert.deepEqual(settings('groq', 'qwen/qwen3.6-27b'), {
      reasoning_effort: 'default',
      reasoning_format: 'parsed',
    });
    assert.deepEqual(settings('together', 'Qwen/Qwen3-32B'), { reasoning: { enabled: true } });
    assert.deepEqual(settings('vllm', 'Qwen/Qwen3-32B'), {
      chat_template_kwargs: { enable_thinking: true, thinking: true },
    });
  });

  test('is switched off', () => {
    assert.deepEqual(settings('zhipu', 'glm-4.7', true), { thinking: { type: 'disabled' } });
    assert.deepEqual(settings('qwen', 'qwen3.8-max', true), { enable_thinking: false });
    assert.deepEqual(settings('openrouter', 'z-ai/glm-5.3', true), { reasoning: { effort: 'none' } });
    assert.deepEqual(settings('ollama', 'gpt-oss:20b', true), {});
  });
});

suite("a client's own body for a server of a dialect", () => {
  test('is the same buffer where the server takes it', () => {
    const body = Buffer.from('{"model":"m","messages":[{"role":"user","content":"\\u0041 1.0"}],"x":1.50}');
    const accepts = abilitiesOf({ model: 'm', protocol: 'openai-chat' }, undefined);
    for (const id of dialectIds) {
      assert.equal(respeak(body, { dialect: dialectNamed(id), accepts, lose: () => undefined }), body, id);
    }
  });

  test('keeps the bytes of every field and message that stays', () => {
    const text =
      '{ "unknown" : {"b":1.50,"a":[1e2]}, "messages": [ {"role":"developer","content":"x"} ,\n {"role":"user","content":"\\u0041,]}\\"["} ], "seed":7 }';
    assert.equal(
      passed('mistral', text),
      '{"unknown":{"b":1.50,"a":[1e2]},"messages":[{"role":"system","content":"x"},\n {"role":"user","content":"\\u0041,]}\\"["} ],"random_seed":7}',
    );
  });

  test('is changed only where it would be refused', () => {
    const text = '{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"So"}],"seed":1}';
    assert.equal(passed('moonshot', text), text);
    assert.match(passed('mistral', text), /"prefix":true/);
  });

  test('that is not JSON or holds no messages is left to the server to refuse', () => {
    for (const text of ['{', '[]', '{"messages":null}', '{"messages":[]}'])
      assert.equal(passed('mistral', text), text);
  });
});
