import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApiError, GoogleGenAI, type Content } from '@google/genai';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { eventually } from './eventually.ts';
import { pixelPng, weatherSchema } from './samples.ts';

const model = 'gemini-2.5-flash';
let relay: BootedRelay;
let client: GoogleGenAI;

before(async () => {
  relay = await bootRelay();
  client = new GoogleGenAI({ apiKey: relay.key, httpOptions: { baseUrl: relay.url } });
});
after(() => relay[Symbol.asyncDispose]());

test('content is generated whole, on the version the client picks by itself and on v1beta', async () => {
  const answer = await client.models.generateContent({ model, contents: '[[say:good morning]]' });
  assert.equal(answer.text, 'good morning');
  assert.ok((answer.usageMetadata?.totalTokenCount ?? 0) > 0);
  const beta = new GoogleGenAI({
    apiKey: relay.key,
    httpOptions: { baseUrl: relay.url, apiVersion: 'v1beta' },
  });
  assert.equal((await beta.models.generateContent({ model, contents: '[[say:hello]]' })).text, 'hello');
});

test('content is streamed piece by piece', async () => {
  const stream = await client.models.generateContentStream({ model, contents: '[[say:one two three four]]' });
  const pieces: string[] = [];
  for await (const chunk of stream) pieces.push(chunk.text ?? '');
  assert.equal(pieces.join(''), 'one two three four');
  assert.ok(pieces.length >= 4);
});

test('a stream without alt=sse is one JSON array, metered like any other', async () => {
  const response = await fetch(`${relay.url}/v1beta/models/${model}:streamGenerateContent`, {
    method: 'POST',
    headers: { 'x-goog-api-key': relay.key, 'content-type': 'application/json' },
    body: JSON.stringify({ contents: [{ parts: [{ text: '[[say:one two three]]' }] }] }),
  });
  const chunks = (await response.json()) as { candidates: { content: { parts: { text?: string }[] } }[] }[];
  const text = chunks
    .flatMap((chunk) => chunk.candidates[0]?.content.parts ?? [])
    .map((part) => part.text ?? '');
  assert.equal(text.join(''), 'one two three');
  const callId = response.headers.get('x-relay-call-id') ?? '';
  const call = await relay.workspace.store.findCall(relay.workspace.organizationId, callId as never);
  assert.equal(call?.usageSource, 'reported');
});

test('a tool is called and its result is answered', async () => {
  const config = {
    tools: [{ functionDeclarations: [{ name: 'get_weather', parametersJsonSchema: weatherSchema }] }],
  };
  const contents: Content[] = [
    { role: 'user', parts: [{ text: '[[tool:get_weather {"city":"Paris"}]] [[then:it is sunny]]' }] },
  ];
  const first = await client.models.generateContent({ model, contents, config });
  const call = first.functionCalls?.[0];
  assert.deepEqual(call?.args, { city: 'Paris' });
  const turn = first.candidates?.[0]?.content;
  assert.ok(turn);
  contents.push(turn, {
    role: 'user',
    parts: [
      {
        functionResponse: {
          name: 'get_weather',
          response: { output: 'sunny' },
          ...(call?.id === undefined ? {} : { id: call.id }),
        },
      },
    ],
  });
  const second = await client.models.generateContent({ model, contents, config });
  assert.equal(second.text, 'it is sunny');
});

test('an image is accepted', async () => {
  const answer = await client.models.generateContent({
    model,
    contents: [
      {
        role: 'user',
        parts: [{ inlineData: { mimeType: 'image/png', data: pixelPng } }, { text: 'What is this?' }],
      },
    ],
  });
  assert.ok(answer.text);
});

test('tokens are counted and texts embedded', async () => {
  assert.ok(((await client.models.countTokens({ model, contents: 'Hello!' })).totalTokens ?? 0) > 0);
  const embedded = await client.models.embedContent({ model: 'gemini-embedding-001', contents: ['a', 'b'] });
  assert.equal(embedded.embeddings?.length, 2);
});

test('the model list pages as the client expects', async () => {
  const names = [];
  for await (const entry of await client.models.list({ config: { pageSize: 10 } })) names.push(entry.name);
  assert.ok(names.includes(`models/${model}`));
});

test('errors are the ones the client knows', async () => {
  const statusOf = (key: string, name: string): Promise<number> =>
    new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: relay.url } }).models
      .generateContent({ model: name, contents: 'Hello!' })
      .then(
        () => 0,
        (error: unknown) => (error instanceof ApiError ? error.status : -1),
      );
  assert.equal(await statusOf(relay.key, 'no-such-model'), 404);
  assert.equal(await statusOf('sk-qz-wrong', model), 401);
});

test('leaving a stream stops the upstream at once', async () => {
  const controller = new AbortController();
  const stream = await client.models.generateContentStream({
    model,
    contents: '[[tokens:3000]] [[fault:stall-mid-stream after-frames=10]]',
    config: { abortSignal: controller.signal },
  });
  await assert.rejects(async () => {
    for await (const chunk of stream) {
      if (chunk.text) controller.abort();
    }
  });
  await eventually(() => assert.equal(relay.simulator.openStreams(), 0));
});
