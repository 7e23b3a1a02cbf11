import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { collect } from '../../src/protocols/canonical/collect.ts';
import type { JsonObject } from '../../src/protocols/canonical/request.ts';
import { geminiTranslation } from '../../src/protocols/gemini/translation.ts';
import { createTranslationPipe } from '../../src/protocols/translation-pipe.ts';
import {
  anthropic,
  chat,
  plainRequest,
  decodeStream,
  anthropicStream,
  chatStream,
  chunk,
  translate,
  encode,
  typesOf,
  stopOf,
  fragment,
  target,
} from './translation-material.ts';

/** Faults that translating relays are known for, each held off by name. */
suite('known faults of streams and calls', () => {
  test('a server that says "stop" after tool calls still ends with tool_use, and no empty text block comes first', () => {
    const events = translate(
      chat,
      anthropic,
      chatStream([
        chunk({ role: 'assistant', content: '' }),
        chunk(fragment(0, 'call_1', 'f', '{}')),
        chunk({}, 'stop'),
      ]),
    );
    assert.equal(stopOf(events), 'tool_use');
    const blocks = events.filter((event) => event['type'] === 'content_block_start');
    assert.deepEqual(
      blocks.map((event) => (event['content_block'] as JsonObject)['type']),
      ['tool_use'],
    );
  });

  test('a server that says "tool_calls" without one ends with end_turn', () => {
    const events = translate(
      chat,
      anthropic,
      chatStream([chunk({ content: 'Hi' }), chunk({}, 'tool_calls')]),
    );
    assert.equal(stopOf(events), 'end_turn');
  });

  test('a call that arrives whole in one chunk brings its arguments as an input_json_delta', () => {
    const events = translate(chat, anthropic, chatStream([chunk(fragment(0, 'c1', 'f', '{"a":1}'), 'stop')]));
    const deltas = events.filter((event) => event['type'] === 'content_block_delta');
    assert.deepEqual(deltas[0]?.['delta'], { type: 'input_json_delta', partial_json: '{"a":1}' });
  });

  test('a thinking delta inside a text block becomes a block of its own, and a second message_start vanishes', () => {
    const start = { type: 'message_start', message: { id: 'msg_1', model: 'm', usage: { input_tokens: 1 } } };
    const text = (value: string): JsonObject => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text: value },
    });
    const bytes = anthropicStream([
      start,
      start,
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      text('a'),
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'hm' } },
      text('b'),
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } },
      { type: 'message_stop' },
    ]);
    const parts = collect(decodeStream(anthropic, bytes)).parts;
    assert.deepEqual(
      parts.map((part) => [part.type, 'text' in part ? part.text : '']),
      [
        ['text', 'a'],
        ['reasoning', 'hm'],
        ['text', 'b'],
      ],
    );
    const events = translate(anthropic, anthropic, bytes);
    assert.equal(typesOf(events).filter((type) => type === 'message_start').length, 1);
  });

  test('a block that is stopped twice is closed once, so the client runs its tool once', () => {
    const stop = { type: 'content_block_stop', index: 0 };
    const bytes = anthropicStream([
      { type: 'message_start', message: { id: 'msg_1', model: 'm' } },
      {
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'tool_use', id: 't1', name: 'f', input: {} },
      },
      stop,
      stop,
      { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 3 } },
      stop,
      { type: 'message_stop' },
    ]);
    const again = translate(anthropic, anthropic, bytes);
    assert.equal(typesOf(again).filter((type) => type === 'content_block_stop').length, 1);
    assert.equal(collect(decodeStream(anthropic, bytes)).parts.length, 1);
  });

  test('every chat stream carries exactly one finish_reason', () => {
    const chunks = translate(
      anthropic,
      chat,
      anthropicStream([
        { type: 'message_start', message: { id: 'msg_1', model: 'm' } },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'Hi' } },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } },
        { type: 'message_stop' },
      ]),
    );
    const reasons = chunks.flatMap((item) =>
      ((item['choices'] ?? []) as readonly JsonObject[]).map((choice) => choice['finish_reason']),
    );
    assert.deepEqual(
      reasons.filter((reason) => reason !== null),
      ['stop'],
    );
  });

  test('a tool call that the history never answers gets an error result right after it', () => {
    const messages = [
      { role: 'user', content: 'Go' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } },
          { id: 'b', type: 'function', function: { name: 'f', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'b', content: 'ok' },
      { role: 'user', content: 'And?' },
    ];
    const body = encode(chat, anthropic, { model: 'x', messages }, 'claude-sonnet-4-5');
    const results = (body['messages'] as readonly JsonObject[])[2]?.['content'] as readonly JsonObject[];
    assert.deepEqual(
      results.map((block) => [block['type'], block['tool_use_id'], block['is_error']]),
      [
        ['tool_result', 'b', undefined],
        ['tool_result', 'a', true],
        ['text', undefined, undefined],
      ],
    );
  });

  test('a result without its call becomes user text instead of a refused request', () => {
    const messages = [
      { role: 'user', content: 'Go' },
      { role: 'tool', tool_call_id: 'lost', content: '42' },
    ];
    const body = encode(chat, anthropic, { model: 'x', messages }, 'claude-sonnet-4-5');
    const text = JSON.stringify(body['messages']);
    assert.ok(text.includes('Tool result:') && text.includes('42') && !text.includes('tool_result'));
  });

  test('fragments with sparse, missing or shared indexes and repeated or late names make the right calls', () => {
    const callsOf = (chunks: readonly JsonObject[]): unknown =>
      collect(decodeStream(chat, chatStream([...chunks, chunk({}, 'tool_calls')]))).parts.map((part) =>
        part.type === 'tool-call' ? [part.id, part.name, part.argumentsText] : part,
      );
    const two = [
      ['a', 'f', '{"x":1}'],
      ['b', 'g', '{}'],
    ];
    const sparse = [
      chunk(fragment(3, 'a', 'f', '{"x"')),
      chunk(fragment(7, 'b', 'g', '{}')),
      chunk(fragment(3, null, null, ':1}')),
    ];
    assert.deepEqual(callsOf(sparse), two);
    const missing = [
      chunk(fragment(undefined, 'a', 'f', '{"x"')),
      chunk(fragment(undefined, null, null, ':1}')),
      chunk(fragment(undefined, 'b', 'g', '{}')),
    ];
    assert.deepEqual(callsOf(missing), two);
    const shared = [chunk(fragment(0, 'a', 'f', '{"x":1}')), chunk(fragment(0, 'b', 'g', '{}'))];
    assert.deepEqual(callsOf(shared), two);
    const repeated = [
      chunk(fragment(0, 'a', 'f', '{"x"')),
      chunk(fragment(0, 'a', 'f', ':1}')),
      chunk(fragment(1, 'b', 'g', '{}')),
    ];
    assert.deepEqual(callsOf(repeated), two);
    const late = [
      chunk(fragment(0, '', '', '{"x":1}')),
      chunk(fragment(0, 'a', 'f', '')),
      chunk(fragment(1, 'b', 'g', '{}')),
    ];
    assert.deepEqual(callsOf(late), two);
    const pieces = [
      chunk(fragment(0, 'a', 'get_', '')),
      chunk(fragment(0, null, 'it', '')),
      chunk(fragment(0, null, null, '{}')),
    ];
    assert.deepEqual(callsOf(pieces), [['a', 'get_it', '{}']]);
  });

  test('arguments sent as an object and calls without any id are completed, the same way each time', () => {
    const call = { index: 0, function: { name: 'f', arguments: { a: 1 } } };
    const bytes = chatStream([chunk({ tool_calls: [call] }), chunk({}, 'stop')]);
    const [first] = collect(decodeStream(chat, bytes)).parts;
    const [second] = collect(decodeStream(chat, bytes)).parts;
    assert.deepEqual(first, second);
    assert.ok(
      first?.type === 'tool-call' && first.id.startsWith('call_') && first.argumentsText === '{"a":1}',
    );
  });

  test('a server that fills in every field sends an empty free-text tool beside the function, which is the call', () => {
    const empty = { input: '', name: '' };
    const call = (over: JsonObject): JsonObject => ({ index: 0, custom: empty, ...over });
    const first = call({ id: 'a', type: 'function', function: { name: 'f', arguments: '{"x"' } });
    const second = call({ function: { name: '', arguments: ':1}' } });
    const chunks = [chunk({ tool_calls: [first] }), chunk({ tool_calls: [second] }), chunk({}, 'stop')];
    const [part] = collect(decodeStream(chat, chatStream(chunks))).parts;
    assert.ok(part?.type === 'tool-call');
    assert.deepEqual([part.id, part.name, part.argumentsText], ['a', 'f', '{"x":1}']);
  });

  test('an image in the second alphabet of base64, as a Python client writes it, reaches other providers in the first', () => {
    const inlineData = { mimeType: 'image/png', data: '-_-_' };
    const body = { contents: [{ role: 'user', parts: [{ inlineData }] }] };
    const request = geminiTranslation.decodeRequest(body, { ...target, model: 'claude-sonnet-4-5' });
    const { value } = anthropic.translation.encodeRequest(request, undefined);
    assert.ok(JSON.stringify(value).includes('"data":"+/+/"'), JSON.stringify(value));
  });

  test('an error inside a 200 stream fails the pipe before anything is delivered', () => {
    const options = {
      upstream: chat.translation,
      client: anthropic.translation,
      request: plainRequest(anthropic),
    };
    const pipe = createTranslationPipe(options);
    const out = pipe.push(
      chatStream([chunk({ role: 'assistant', content: '' }), { error: { message: 'x', code: 503 } }], false),
    );
    assert.equal(out.length, 0);
    assert.equal(pipe.phase, 'failed');
    assert.equal(pipe.failure?.code, 'upstream_overloaded');
    assert.equal(pipe.terminalBytes().length, 0);
  });
});
