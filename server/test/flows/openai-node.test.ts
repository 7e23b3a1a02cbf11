import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import OpenAI, { AuthenticationError, BadRequestError, NotFoundError } from 'openai';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { pixelPng, weatherSchema } from './samples.ts';
import { eventually } from './eventually.ts';

const model = 'gpt-4.1-mini';
let relay: BootedRelay;
let client: OpenAI;

before(async () => {
  relay = await bootRelay();
  client = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: relay.key, maxRetries: 0 });
});
after(() => relay[Symbol.asyncDispose]());

test('a chat completion comes back whole, with its usage and its price in a header', async () => {
  const { data, response } = await client.chat.completions
    .create({ model, messages: [{ role: 'user', content: '[[say:good morning]]' }] })
    .withResponse();
  assert.equal(data.choices[0]?.message.content, 'good morning');
  assert.ok((data.usage?.total_tokens ?? 0) > 0);
  assert.match(response.headers.get('x-relay-charge-usd') ?? '', /^0\.0000\d+$/);
  assert.match(response.headers.get('x-request-id') ?? '', /^qzc_/);
});

test('a chat stream arrives piece by piece and ends with usage when it was asked for', async () => {
  const stream = client.chat.completions.stream({
    model,
    messages: [{ role: 'user', content: '[[say:one two three four]]' }],
    stream_options: { include_usage: true },
  });
  let pieces = 0;
  stream.on('content', () => {
    pieces += 1;
  });
  const completion = await stream.finalChatCompletion();
  assert.equal(completion.choices[0]?.message.content, 'one two three four');
  assert.ok(pieces >= 4);
  assert.ok((completion.usage?.completion_tokens ?? 0) >= 4);
});

test('a chat stream shows no usage chunk to a client that did not ask, and is metered all the same', async () => {
  const stream = await client.chat.completions
    .create({ model, stream: true, messages: [{ role: 'user', content: '[[say:one two]]' }] })
    .withResponse();
  const chunks = [];
  for await (const chunk of stream.data) chunks.push(chunk);
  assert.ok(chunks.every((chunk) => chunk.choices.length === 1));
  const callId = stream.response.headers.get('x-relay-call-id') ?? '';
  const call = await relay.workspace.store.findCall(relay.workspace.organizationId, callId as never);
  assert.equal(call?.usageSource, 'reported');
  assert.equal(call?.usage.output, 2);
});

test('tools are called, in parallel, and their results are answered', async () => {
  const tools: OpenAI.ChatCompletionTool[] = [
    { type: 'function', function: { name: 'get_weather', parameters: weatherSchema } },
  ];
  const messages: OpenAI.ChatCompletionMessageParam[] = [
    {
      role: 'user',
      content:
        '[[tool:get_weather {"city":"Paris"}]] [[tool:get_weather {"city":"Rome"}]] [[then:both are sunny]]',
    },
  ];
  const first = await client.chat.completions.create({ model, messages, tools });
  const message = first.choices[0]?.message;
  const calls = message?.tool_calls ?? [];
  assert.deepEqual(
    calls.map((call) => (call.type === 'function' ? (JSON.parse(call.function.arguments) as unknown) : {})),
    [{ city: 'Paris' }, { city: 'Rome' }],
  );
  assert.ok(message);
  messages.push(
    message,
    ...calls.map((call) => ({ role: 'tool' as const, tool_call_id: call.id, content: 'sunny' })),
  );
  const second = await client.chat.completions.create({ model, messages, tools });
  assert.equal(second.choices[0]?.message.content, 'both are sunny');
});

test('an image is accepted', async () => {
  const answer = await client.chat.completions.create({
    model,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${pixelPng}` } },
        ],
      },
    ],
  });
  assert.ok(answer.choices[0]?.message.content);
});

test('a response comes back, unary and streamed through the strict accumulator', async () => {
  const answer = await client.responses.create({ model, input: '[[say:hello]]' });
  assert.equal(answer.output_text, 'hello');
  const stream = client.responses.stream({ model, input: '[[say:one two three]]' });
  const final = await stream.finalResponse();
  assert.equal(final.output_text, 'one two three');
});

test('embeddings come in the encoding the client asks for by itself', async () => {
  const answer = await client.embeddings.create({
    model: 'text-embedding-3-small',
    input: ['a', 'b'],
    dimensions: 8,
  });
  assert.equal(answer.data.length, 2);
  assert.equal(answer.data[0]?.embedding.length, 8);
});

test('a legacy completion comes back, unary and streamed', async () => {
  const whole = await client.completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: '[[say:hello]]' });
  assert.equal(whole.choices[0]?.text, 'hello');
  let text = '';
  const stream = await client.completions.create({
    model: 'gpt-3.5-turbo-instruct',
    prompt: '[[say:one two]]',
    stream: true,
  });
  for await (const chunk of stream) text += chunk.choices[0]?.text ?? '';
  assert.equal(text, 'one two');
});

test('a Claude model answers a chat completion, whole and streamed', async () => {
  const request = {
    model: 'claude-sonnet-4-20250514',
    messages: [{ role: 'user' as const, content: '[[say:bonjour]]' }],
  };
  const whole = await client.chat.completions.create(request);
  assert.equal(whole.choices[0]?.message.content, 'bonjour');
  const streamed = await client.chat.completions.stream(request).finalChatCompletion();
  assert.equal(streamed.choices[0]?.message.content, 'bonjour');
});

test('the model list names what is on offer', async () => {
  const ids = [];
  for await (const entry of client.models.list()) ids.push(entry.id);
  assert.ok(ids.includes(model));
  assert.equal((await client.models.retrieve(model)).id, model);
});

test('errors are the ones the client knows', async () => {
  const messages = [{ role: 'user' as const, content: 'Hello!' }];
  await assert.rejects(client.chat.completions.create({ model: 'no-such-model', messages }), (error) => {
    assert.ok(error instanceof NotFoundError);
    assert.equal(error.code, 'model_not_found');
    assert.match(error.requestID ?? '', /^qzc_/);
    return true;
  });
  const stranger = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: 'sk-qz-wrong', maxRetries: 0 });
  await assert.rejects(stranger.chat.completions.create({ model, messages }), AuthenticationError);
  const wrongRole = [{ role: 'nobody', content: 'Hello!' }] as unknown as typeof messages;
  await assert.rejects(client.chat.completions.create({ model, messages: wrongRole }), BadRequestError);
});

test('leaving a stream stops the upstream at once', async () => {
  const stream = await client.chat.completions.create({
    model,
    stream: true,
    messages: [{ role: 'user', content: '[[tokens:3000]] [[fault:stall-mid-stream after-frames=10]]' }],
  });
  for await (const chunk of stream) {
    if (chunk.choices[0]?.delta.content) break;
  }
  await eventually(() => assert.equal(relay.simulator.openStreams(), 0));
});
