import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Anthropic, {
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
} from '@anthropic-ai/sdk';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { eventually } from './eventually.ts';
import { pixelPng, weatherSchema } from './samples.ts';

const model = 'claude-sonnet-4-5';
let relay: BootedRelay;
let client: Anthropic;

before(async () => {
  relay = await bootRelay();
  client = new Anthropic({ baseURL: relay.url, apiKey: relay.key, maxRetries: 0 });
});
after(() => relay[Symbol.asyncDispose]());

const user = (content: Anthropic.MessageParam['content']): Anthropic.MessageParam => ({
  role: 'user',
  content,
});
const textOf = (message: Anthropic.Message): string =>
  message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');

test('a message comes back whole, with the request id the client reads and its price', async () => {
  const { data, response, request_id } = await client.messages
    .create({ model, max_tokens: 100, messages: [user('[[say:good morning]]')] })
    .withResponse();
  assert.equal(textOf(data), 'good morning');
  assert.match(request_id ?? '', /^qzc_/);
  assert.match(response.headers.get('x-relay-charge-usd') ?? '', /^0\.00\d+$/);
});

test('a message stream arrives event by event and ends well', async () => {
  const stream = client.messages.stream({
    model,
    max_tokens: 100,
    messages: [user('[[say:one two three four]]')],
  });
  const pieces: string[] = [];
  stream.on('text', (text) => pieces.push(text));
  const message = await stream.finalMessage();
  assert.equal(pieces.join(''), 'one two three four');
  assert.ok(pieces.length >= 4);
  assert.equal(message.stop_reason, 'end_turn');
});

test('a thinking block comes back signed and is accepted on the next turn', async () => {
  const thinking = { type: 'enabled' as const, budget_tokens: 1_024 };
  const first = await client.messages.create({
    model,
    max_tokens: 4_000,
    thinking,
    messages: [user('[[think:20]] [[say:done]]')],
  });
  assert.equal(first.content[0]?.type, 'thinking');
  const second = await client.messages.create({
    model,
    max_tokens: 4_000,
    thinking,
    messages: [
      user('[[think:20]] [[say:done]]'),
      { role: 'assistant', content: first.content },
      user('[[say:again]]'),
    ],
  });
  assert.equal(textOf(second), 'again');
});

test('a tool is called and its result is answered', async () => {
  const tools: Anthropic.Tool[] = [{ name: 'get_weather', input_schema: weatherSchema }];
  const messages = [user('[[tool:get_weather {"city":"Paris"}]] [[then:it is sunny]]')];
  const first = await client.messages.create({ model, max_tokens: 200, messages, tools });
  assert.equal(first.stop_reason, 'tool_use');
  const call = first.content.find((block) => block.type === 'tool_use');
  assert.deepEqual(call?.input, { city: 'Paris' });
  messages.push(
    { role: 'assistant', content: first.content },
    user([{ type: 'tool_result', tool_use_id: call?.id ?? '', content: 'sunny' }]),
  );
  const second = await client.messages.create({ model, max_tokens: 200, messages, tools });
  assert.equal(textOf(second), 'it is sunny');
});

test('an image is accepted', async () => {
  const image: Anthropic.ImageBlockParam = {
    type: 'image',
    source: { type: 'base64', media_type: 'image/png', data: pixelPng },
  };
  const answer = await client.messages.create({
    model,
    max_tokens: 100,
    messages: [user([image, { type: 'text', text: 'What is this?' }])],
  });
  assert.notEqual(textOf(answer), '');
});

test('a second call with the same long prefix is charged as a cache read', async () => {
  const system = [
    {
      type: 'text' as const,
      text: 'Be brief. '.repeat(2_000),
      cache_control: { type: 'ephemeral' as const },
    },
  ];
  const call = () =>
    client.messages.create({ model, max_tokens: 50, system, messages: [user('[[say:yes]]')] }).withResponse();
  const first = await call();
  const second = await call();
  assert.ok((first.data.usage.cache_creation_input_tokens ?? 0) > 1_000);
  assert.ok((second.data.usage.cache_read_input_tokens ?? 0) > 1_000);
  const price = (answer: typeof first): number => Number(answer.response.headers.get('x-relay-charge-usd'));
  assert.ok(price(second) < price(first) / 5);
});

test('tokens are counted, and counting costs nothing', async () => {
  const { data, response } = await client.messages
    .countTokens({ model, messages: [user('Hello!')] })
    .withResponse();
  assert.ok(data.input_tokens > 0);
  assert.equal(response.headers.get('x-relay-charge-usd'), '0');
});

test('a GPT model answers a message, whole and streamed, tools included', async () => {
  const request = { model: 'gpt-4.1-mini', max_tokens: 200, messages: [user('[[say:bonjour]]')] };
  assert.equal(textOf(await client.messages.create(request)), 'bonjour');
  assert.equal(textOf(await client.messages.stream(request).finalMessage()), 'bonjour');
  const tools: Anthropic.Tool[] = [{ name: 'get_weather', input_schema: weatherSchema }];
  const called = await client.messages
    .stream({ ...request, tools, messages: [user('[[tool:get_weather {"city":"Paris"}]]')] })
    .finalMessage();
  assert.equal(called.stop_reason, 'tool_use');
  const block = called.content.find((entry) => entry.type === 'tool_use');
  assert.deepEqual(block?.input, { city: 'Paris' });
});

test('the model list pages as the client expects', async () => {
  const ids: string[] = [];
  for await (const entry of client.models.list({ limit: 20 })) ids.push(entry.id);
  assert.ok(ids.includes(model));
  assert.equal(new Set(ids).size, ids.length);
});

test('errors are the ones the client knows', async () => {
  const request = { max_tokens: 10, messages: [user('Hello!')] };
  await assert.rejects(client.messages.create({ ...request, model: 'no-such-model' }), NotFoundError);
  const stranger = new Anthropic({ baseURL: relay.url, apiKey: 'sk-qz-wrong', maxRetries: 0 });
  await assert.rejects(stranger.messages.create({ ...request, model }), AuthenticationError);
  await assert.rejects(
    client.messages.create({ ...request, model, messages: [user([{ type: 'text', text: '' }])] }),
    BadRequestError,
  );
});

test('leaving a stream stops the upstream at once', async () => {
  const stream = client.messages.stream({
    model,
    max_tokens: 4_000,
    messages: [user('[[tokens:3000]] [[fault:stall-mid-stream after-frames=10]]')],
  });
  const ended = assert.rejects(stream.done(), APIUserAbortError);
  await new Promise((resolve) => stream.once('text', resolve));
  stream.abort();
  await ended;
  await eventually(() => assert.equal(relay.simulator.openStreams(), 0));
});
