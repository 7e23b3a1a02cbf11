import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CanonicalEvent } from '../../src/protocols/canonical/events.ts';
import type { CanonicalRequest, JsonObject } from '../../src/protocols/canonical/request.ts';
import { collect } from '../../src/protocols/canonical/collect.ts';
import { anthropic, chat, responses, target, type Side } from './translation-material.ts';

/** GPT models wrap calls into one of a tool that nobody offered (seen since 2023). */
const wrapper = 'multi_tool_use.parallel';
const wrapped = JSON.stringify({
  tool_uses: [
    { recipient_name: 'functions.look', parameters: { at: 'a' } },
    { recipient_name: 'functions.files_list_ab12cd', parameters: { at: 'b' } },
    { recipient_name: 'look' },
  ],
});
const [head, rest] = [wrapped.slice(0, 40), wrapped.slice(40)];

function asked(names: readonly string[]): CanonicalRequest {
  const tools = names.map((name) => ({ name, input_schema: { type: 'object' } }));
  const messages = [{ role: 'user', content: 'Go.' }];
  return anthropic.translation.decodeRequest({ model: 'm', max_tokens: 99, messages, tools }, target);
}

const usual = asked(['look', 'files_list_ab12cd']);

function chatAnswer(text: string): JsonObject {
  const tool_calls = [{ id: 'c1', type: 'function', function: { name: wrapper, arguments: text } }];
  const message = { role: 'assistant', content: null, tool_calls };
  return { id: 'a', model: 'm', choices: [{ index: 0, message, finish_reason: 'tool_calls' }] };
}

function chunk(delta: JsonObject, finish_reason: string | null = null): string {
  return JSON.stringify({ id: 'a', model: 'm', choices: [{ index: 0, delta, finish_reason }] });
}

const chatStream = [
  chunk({
    tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: wrapper, arguments: '' } }],
  }),
  chunk({ tool_calls: [{ index: 0, function: { arguments: head } }] }),
  chunk({ tool_calls: [{ index: 0, function: { arguments: rest } }] }),
  chunk({}, 'tool_calls'),
  '[DONE]',
];

function responsesAnswer(text: string): JsonObject {
  const item = { type: 'function_call', id: 'fc_1', call_id: 'c1', name: wrapper, arguments: text };
  return { id: 'resp_1', object: 'response', model: 'm', status: 'completed', output: [item] };
}

function callsOf(events: readonly CanonicalEvent[]): readonly (readonly [string, string, string])[] {
  return collect(events).parts.flatMap((part) =>
    part.type === 'tool-call' ? [[part.id, part.name, part.argumentsText] as const] : [],
  );
}

const meant = [
  ['c1', 'look', '{"at":"a"}'],
  ['c1_1', 'files_list_ab12cd', '{"at":"b"}'],
  ['c1_2', 'look', '{}'],
];

function whole(side: Side, text: string, request = usual): readonly (readonly [string, string, string])[] {
  const body = side === chat ? chatAnswer(text) : responsesAnswer(text);
  return callsOf(side.translation.decodeUnary(body, request));
}

suite('calls that a model wraps into one', () => {
  for (const side of [chat, responses]) {
    test(`are told one by one, from ${side.id}`, () => {
      assert.deepEqual(whole(side, wrapped), meant);
    });

    test(`stay as they came where they cannot be read, or the client has such a tool, from ${side.id}`, () => {
      for (const text of ['{"tool_uses":[]}', '{"tool_uses":[{"parameters":{}}]}', '{"tool_uses":']) {
        assert.deepEqual(whole(side, text), [['c1', wrapper, text]]);
      }
      assert.deepEqual(whole(side, wrapped, asked([wrapper])), [['c1', wrapper, wrapped]]);
    });
  }

  test('are told one by one in a stream, to the last client', () => {
    const decoder = chat.translation.createDecoder(usual);
    const events = [...chatStream.flatMap((data) => decoder.push(undefined, data)), ...decoder.finish()];
    assert.deepEqual(callsOf(events), meant);
    const encoder = anthropic.translation.createEncoder(usual);
    const written = events.map((event) => encoder.push(event)).join('');
    assert.equal(written.split('"type":"tool_use"').length, 4);
    assert.ok(!written.includes('multi_tool_use'));
    assert.match(written, /"stop_reason":"tool_use"/u);
  });
});
