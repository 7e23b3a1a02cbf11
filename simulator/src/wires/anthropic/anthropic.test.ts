import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Anthropic, {
  APIConnectionError,
  AuthenticationError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from '@anthropic-ai/sdk';
import { startSimulator } from '../../index.ts';
import type { Simulator } from '../../index.ts';

const MODEL = 'claude-sonnet-4-6';

let simulator: Simulator;
let client: Anthropic;
before(async () => {
  simulator = await startSimulator();
  client = new Anthropic({ baseURL: simulator.url, apiKey: 'sk-ant-sdk-test', maxRetries: 0 });
});
after(() => simulator.close());

const weather = {
  name: 'get_weather',
  input_schema: { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] },
};
const user = (content: Anthropic.MessageParam['content']): Anthropic.MessageParam => ({
  role: 'user',
  content,
});

test('a unary message says what it was told and counts it', async () => {
  const message = await client.messages.create({
    model: MODEL,
    max_tokens: 100,
    messages: [user('[[say:Good morning.]]')],
  });
  assert.deepEqual(message.content, [{ type: 'text', text: 'Good morning.', citations: null }]);
  assert.equal(message.stop_reason, 'end_turn');
  assert.equal(message.model, MODEL);
  assert.equal(message.usage.output_tokens, 4);
});

test('a stream has every event in order and collects to the unary message', async () => {
  const body = {
    model: MODEL,
    max_tokens: 2000,
    messages: [user('[[think]] [[say:Thinking aloud, then this.]]')],
  };
  const unary = await client.messages.create(body);
  const stream = client.messages.stream(body);
  const events: string[] = [];
  stream.on('streamEvent', (event) => {
    const name = event.type === 'content_block_delta' ? event.delta.type : event.type;
    if (events.at(-1) !== name) events.push(name);
  });
  const collected = await stream.finalMessage();
  assert.deepEqual(collected.content, unary.content);
  assert.equal(collected.stop_reason, unary.stop_reason);
  assert.equal(collected.usage.output_tokens, unary.usage.output_tokens);
  assert.equal(collected.usage.input_tokens, unary.usage.input_tokens);
  assert.deepEqual(events, [
    'message_start',
    'content_block_start',
    'thinking_delta',
    'signature_delta',
    'content_block_stop',
    'content_block_start',
    'text_delta',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ]);
});

test('pings are on the wire', async () => {
  const response = await client.messages
    .create({ model: MODEL, max_tokens: 500, stream: true, messages: [user('[[tokens:200]]')] })
    .asResponse();
  const text = await response.text();
  assert.equal(text.match(/^event: ping$/gm)?.length, 4);
});

test('a tool is called, its result answered', async () => {
  const messages = [user('What does get_weather say about Oslo? [[tool:get_weather {"city":"Oslo"}]]')];
  const stream = client.messages.stream({ model: MODEL, max_tokens: 500, tools: [weather], messages });
  const asked = await stream.finalMessage();
  const [call] = asked.content;
  assert.ok(call?.type === 'tool_use');
  assert.deepEqual([asked.stop_reason, call.name, call.input], ['tool_use', 'get_weather', { city: 'Oslo' }]);
  const answered = await client.messages.create({
    model: MODEL,
    max_tokens: 500,
    tools: [weather],
    messages: [
      ...messages,
      { role: 'assistant', content: asked.content },
      user([{ type: 'tool_result', tool_use_id: call.id, content: 'minus four' }]),
    ],
  });
  const [block] = answered.content;
  assert.ok(block?.type === 'text' && block.text.includes('minus four'));
});

test('parallel calls can be asked for and forbidden', async () => {
  const ask = (more: object): Promise<Anthropic.Message> =>
    client.messages.create({
      model: MODEL,
      max_tokens: 500,
      tools: [weather],
      messages: [user('Call get_weather for two cities in parallel.')],
      ...more,
    });
  assert.equal((await ask({})).content.length, 2);
  assert.equal(
    (await ask({ tool_choice: { type: 'auto', disable_parallel_tool_use: true } })).content.length,
    1,
  );
});

const thinkingBody = {
  model: MODEL,
  max_tokens: 3000,
  thinking: { type: 'enabled' as const, budget_tokens: 1024 },
};

test('thinking is signed, taken back unchanged and refused when edited', async () => {
  const messages = [user('[[say:done]]')];
  const first = await client.messages.create({ ...thinkingBody, messages });
  const [thought, ...rest] = first.content;
  assert.ok(thought?.type === 'thinking' && thought.signature !== '');
  assert.ok((first.usage.output_tokens_details?.thinking_tokens ?? 0) > 0);
  const again = (block: Anthropic.ContentBlockParam): Promise<Anthropic.Message> =>
    client.messages.create({
      ...thinkingBody,
      messages: [
        ...messages,
        { role: 'assistant', content: [block, ...(rest as Anthropic.ContentBlockParam[])] },
        user('go on'),
      ],
    });
  assert.equal((await again(thought)).type, 'message');
  const refused = /messages\.1\.content\.0: Invalid `signature` in `thinking` block/;
  await assert.rejects(again({ ...thought, thinking: `${thought.thinking} (edited)` }), refused);
  await assert.rejects(again({ ...thought, signature: 'forged' }), refused);
});

test('thinking with its display omitted is a signature alone and comes back so', async () => {
  const body = { ...thinkingBody, thinking: { ...thinkingBody.thinking, display: 'omitted' as const } };
  const first = await client.messages.stream({ ...body, messages: [user('hi')] }).finalMessage();
  const [thought] = first.content;
  assert.ok(thought?.type === 'thinking' && thought.thinking === '' && thought.signature !== '');
  const messages = [user('hi'), { role: 'assistant' as const, content: first.content }, user('go on')];
  assert.equal((await client.messages.create({ ...body, messages })).type, 'message');
});

test('thinking of one of the bound models is taken back by itself only', async () => {
  const ask = (model: string, messages: Anthropic.MessageParam[]): Promise<Anthropic.Message> =>
    client.messages.create({ model, max_tokens: 3000, thinking: { type: 'adaptive' }, messages });
  const first = await ask('claude-opus-5', [user('hi')]);
  const messages = [user('hi'), { role: 'assistant' as const, content: first.content }, user('go on')];
  assert.equal((await ask('claude-opus-5', messages)).type, 'message');
  await assert.rejects(ask('claude-sonnet-5', messages), /Invalid `signature`/);
});

test('structured output satisfies its schema', async () => {
  const schema = {
    type: 'object',
    properties: {
      kind: { enum: ['a', 'b'] },
      points: { type: 'array', items: { type: 'integer', minimum: 3 }, minItems: 2 },
    },
    required: ['kind', 'points'],
    additionalProperties: false,
  };
  const message = await client.messages.create({
    model: MODEL,
    max_tokens: 500,
    messages: [user('give me some')],
    output_config: { format: { type: 'json_schema', schema } },
  });
  const [block] = message.content;
  assert.ok(block?.type === 'text');
  const value = JSON.parse(block.text) as { kind: string; points: number[] };
  assert.ok(['a', 'b'].includes(value.kind));
  assert.ok(value.points.length >= 2 && value.points.every((point) => Number.isInteger(point) && point >= 3));
});

test('stop sequences and the token limit end the message', async () => {
  const body = { model: MODEL, max_tokens: 100, messages: [user('[[say:one END two]]')] };
  const stopped = await client.messages.create({ ...body, stop_sequences: ['END'] });
  assert.deepEqual([stopped.stop_reason, stopped.stop_sequence], ['stop_sequence', 'END']);
  const cut = await client.messages.create({ ...body, max_tokens: 1 });
  assert.deepEqual([cut.stop_reason, cut.usage.output_tokens], ['max_tokens', 1]);
});

test('the second call with a marked prefix reads it, and the counts add up to the prompt', async () => {
  const system = [
    {
      type: 'text' as const,
      text: 'A long rule. '.repeat(600),
      cache_control: { type: 'ephemeral' as const, ttl: '1h' as const },
    },
  ];
  const ask = (text: string): Promise<Anthropic.Message> =>
    client.messages.create({ model: MODEL, max_tokens: 50, system, messages: [user(text)] });
  const first = (await ask('one')).usage;
  const second = (await ask('two')).usage;
  assert.equal(first.cache_creation?.ephemeral_1h_input_tokens, first.cache_creation_input_tokens);
  assert.ok((first.cache_creation_input_tokens ?? 0) > 1024);
  assert.equal(second.cache_read_input_tokens, first.cache_creation_input_tokens);
  assert.equal(second.cache_creation_input_tokens, 0);
  const counted = await client.messages.countTokens({ model: MODEL, system, messages: [user('two')] });
  assert.equal(second.input_tokens + (second.cache_read_input_tokens ?? 0), counted.input_tokens);
});

const PNG_2X2 =
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFElEQVR4nGP8z8DAwMDAxMDAwMDAAAANHQEDasKb6QAAAABJRU5ErkJggg==';

test('images are accepted, and refused when they are not what they say', async () => {
  const ask = (data: string, mediaType: 'image/png' | 'image/jpeg'): Promise<Anthropic.Message> =>
    client.messages.create({
      model: MODEL,
      max_tokens: 50,
      messages: [
        user([
          { type: 'image', source: { type: 'base64', media_type: mediaType, data } },
          { type: 'text', text: 'what is it?' },
        ]),
      ],
    });
  assert.equal((await ask(PNG_2X2, 'image/png')).type, 'message');
  await assert.rejects(ask(PNG_2X2, 'image/jpeg'), /appears to be a image\/png image/);
  await assert.rejects(ask('bm90IGFuIGltYWdlIGF0IGFsbCwgbm8=', 'image/png'), /Could not process image/);
});

test('models are listed in pages and found by name', async () => {
  const ids: string[] = [];
  for await (const model of client.models.list({ limit: 7 })) ids.push(model.id);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.length > 14 && ids.includes('claude-sonnet-4-20250514'));
  assert.equal((await client.models.retrieve('claude-sonnet-4-5')).id, 'claude-sonnet-4-5-20250929');
  await assert.rejects(client.models.retrieve('gpt-4o'), NotFoundError);
});

test('errors reach the official client as its own kinds', async () => {
  const ask = (fault: string): Promise<unknown> =>
    client.messages.create(
      { model: MODEL, max_tokens: 9, messages: [user('x')] },
      { headers: { 'x-simulate-fault': fault } },
    );
  await assert.rejects(ask('429'), RateLimitError);
  await assert.rejects(ask('529'), InternalServerError);
  await assert.rejects(ask('reset-before-headers'), APIConnectionError);
  const stranger = new Anthropic({ baseURL: simulator.url, apiKey: 'sk-ant-invalid', maxRetries: 0 });
  await assert.rejects(stranger.models.list(), AuthenticationError);
  const stream = client.messages.stream(
    { model: MODEL, max_tokens: 99, messages: [user('[[tokens:30]]')] },
    { headers: { 'x-simulate-fault': 'overloaded-mid-stream' } },
  );
  await assert.rejects(stream.finalMessage(), /overloaded_error/);
});
