import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { collect } from '../../src/protocols/canonical/collect.ts';
import type { Json, JsonObject } from '../../src/protocols/canonical/request.ts';
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
  chatUsage,
  signature,
} from './translation-material.ts';

/** Faults that translating relays are known for, each held off by name. */
suite('known faults of reasoning', () => {
  test('reasoning_content becomes a thinking block, once, also where the server writes it under two names', () => {
    const bytes = chatStream([
      chunk({ reasoning_content: 'because', reasoning: 'because' }),
      chunk({ content: 'Yes' }),
      chunk({}, 'stop'),
    ]);
    const [thinking] = collect(decodeStream(chat, bytes)).parts;
    assert.ok(thinking?.type === 'reasoning' && thinking.text === 'because');
    const events = translate(chat, anthropic, bytes);
    const deltas = events.flatMap(
      (event) => ((event['delta'] as JsonObject | undefined)?.['type'] ?? []) as Json,
    );
    assert.deepEqual(deltas.slice(0, 2), ['thinking_delta', 'signature_delta']);
  });

  test('thinking asked of a Claude model by effort is shown to the chat client', () => {
    const body = { model: 'x', messages: [{ role: 'user', content: 'Hi' }], reasoning_effort: 'high' };
    const encoded = encode(chat, anthropic, body, 'claude-opus-4-8');
    assert.deepEqual(encoded['thinking'], { type: 'adaptive', display: 'summarized' });
    assert.deepEqual(encoded['output_config'], { effort: 'high' });
    const older = encode(chat, anthropic, { ...body, max_tokens: 9000 }, 'claude-sonnet-4-5');
    assert.deepEqual(older['thinking'], { type: 'enabled', budget_tokens: 4915 });
  });

  test('an answer that stands in the reasoning alone is not empty to the client', () => {
    const bytes = chatStream([chunk({ reasoning_content: 'The answer is 4.' }), chunk({}, 'stop')]);
    const answer = collect(decodeStream(chat, bytes));
    const text = answer.parts.find((part) => part.type === 'text');
    assert.equal(text?.text, 'The answer is 4.');
  });

  test('a signed block goes back to its origin byte for byte and to another vendor not at all', () => {
    const thinking = { type: 'thinking', thinking: 'café \u2028 "x"', signature };
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: [thinking, { type: 'text', text: 'Yes' }] },
      { role: 'user', content: 'Sure?' },
    ];
    const body = { model: 'claude-sonnet-4-5', max_tokens: 10, messages };
    const own = encode(anthropic, anthropic, body, 'claude-sonnet-4-5');
    const content = (own['messages'] as readonly JsonObject[])[1]?.['content'] as readonly JsonObject[];
    assert.equal(JSON.stringify(content[0]), JSON.stringify(thinking));
    const foreign = JSON.stringify(encode(anthropic, chat, body, 'gpt-4.1'));
    assert.ok(!foreign.includes('café') && !foreign.includes(signature));
  });

  test('thinking with a missing or stub signature is dropped instead of refused', () => {
    for (const stub of ['', 'short']) {
      const messages = [
        { role: 'user', content: 'Hi' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature: stub },
            { type: 'text', text: 'Yes' },
          ],
        },
        { role: 'user', content: 'Sure?' },
      ];
      const own = encode(anthropic, anthropic, { model: 'x', max_tokens: 10, messages }, 'claude-sonnet-4-5');
      assert.ok(!JSON.stringify(own).includes('thinking'));
    }
  });

  test('a block of foreign thinking ends with exactly one signature_delta and its text is not doubled', () => {
    const bytes = chatStream([
      chunk({ reasoning_content: 'one ' }),
      chunk({ reasoning_content: 'two' }),
      chunk({ content: 'Yes' }),
      chunk({}, 'stop'),
    ]);
    const translated = translate(chat, anthropic, bytes);
    const again = collect(decodeStream(anthropic, anthropicStream(translated)));
    const [thinking] = again.parts;
    assert.ok(thinking?.type === 'reasoning' && thinking.text === 'one two' && thinking.opaque !== undefined);
    const deltas = translated.map((event) => (event['delta'] as JsonObject | undefined)?.['type']);
    assert.equal(deltas.filter((type) => type === 'signature_delta').length, 1);
  });
});

suite('known faults of usage', () => {
  const started = (input: number, read = 0): JsonObject => ({
    type: 'message_start',
    message: {
      id: 'm',
      model: 'm',
      usage: { input_tokens: input, cache_read_input_tokens: read, output_tokens: 2 },
    },
  });
  const text = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'Hi' } };
  const ended = (counts: JsonObject): readonly JsonObject[] => [
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: counts },
    { type: 'message_stop' },
  ];
  const usageOf = (events: readonly JsonObject[]): JsonObject =>
    collect(decodeStream(anthropic, anthropicStream(events))).usage as unknown as JsonObject;

  test('the counts of message_start and message_delta are not added up', () => {
    const counts = usageOf([started(10), text, ...ended({ input_tokens: 10, output_tokens: 7 })]);
    assert.equal(counts['input'], 10);
    assert.equal(counts['output'], 7);
  });

  test('a full prompt first and its split later counts the cache once', () => {
    const split = { input_tokens: 100, cache_read_input_tokens: 900, output_tokens: 7 };
    const counts = usageOf([started(1000), text, ...ended(split)]);
    assert.deepEqual([counts['input'], counts['cacheRead']], [100, 900]);
  });

  test('cache writes are not charged again as input, in either direction', () => {
    const wire = { ...chatUsage, prompt_tokens_details: { cached_tokens: 30, cache_write_tokens: 50 } };
    const bytes = chatStream([
      chunk({ content: 'Hi' }),
      chunk({}, 'stop'),
      chunk({}, null, { choices: [], usage: wire }),
    ]);
    const answer = collect(decodeStream(chat, bytes)).usage;
    assert.deepEqual([answer.input, answer.cacheRead, answer.cacheWrite30m], [20, 30, 50]);
    const delta = translate(chat, anthropic, bytes).find((event) => event['type'] === 'message_delta');
    const counts = delta?.['usage'] as JsonObject;
    const told = [
      counts['input_tokens'],
      counts['cache_read_input_tokens'],
      counts['cache_creation_input_tokens'],
    ];
    assert.deepEqual(told, [20, 30, 50]);
  });

  test('a chat client is told the whole prompt with its cached part inside, and a total of both', () => {
    const chunks = translate(
      anthropic,
      chat,
      anthropicStream([started(100, 900), text, ...ended({ output_tokens: 7 })]),
    );
    const told = chunks
      .map((item) => item['usage'])
      .find((value) => value !== undefined && value !== null) as JsonObject;
    assert.deepEqual(
      [told['prompt_tokens'], told['completion_tokens'], told['total_tokens']],
      [1000, 7, 1007],
    );
    assert.equal((told['prompt_tokens_details'] as JsonObject)['cached_tokens'], 900);
  });

  test('reasoning that a server counts beside the completion is added once', () => {
    const wire = {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 35,
      completion_tokens_details: { reasoning_tokens: 20 },
    };
    const bytes = chatStream([chunk({ content: 'Hi' }, 'stop', { usage: wire })]);
    assert.equal(collect(decodeStream(chat, bytes)).usage.output, 25);
  });

  test('a stream cut before its end is metered from what was delivered and says so', () => {
    const options = {
      upstream: anthropic.translation,
      client: chat.translation,
      request: plainRequest(chat),
    };
    const pipe = createTranslationPipe(options);
    const body = {
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text: 'word '.repeat(80) },
    };
    assert.ok(pipe.push(anthropicStream([started(50), text, body])).length > 0);
    assert.equal(pipe.phase, 'generating');
    pipe.finish();
    assert.equal(pipe.phase, 'failed');
    const reading = pipe.reading(999);
    assert.deepEqual([reading.source, reading.usage.input, reading.usage.output], ['estimated', 50, 101]);
  });
});
