import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { AnthropicVertex } from '@anthropic-ai/vertex-sdk';
import { GoogleGenAI, type Content } from '@google/genai';
import OpenAI from 'openai';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { eventually } from './eventually.ts';
import { pixelPng, weatherSchema } from './samples.ts';
import { vertexAccount, vertexModels as models } from './vertex-account.ts';

/** Gemini and Claude on Google's cloud behind all four protocols, and the cloud's own clients before every upstream. */
const callWeather = '[[tool:get_weather {"city":"Paris"}]] [[then:it is sunny]]';
let relay: BootedRelay;
let openai: OpenAI;
let anthropic: Anthropic;
let google: GoogleGenAI;

before(async () => {
  relay = await bootRelay({
    accounts: (url, { cloud }) => [vertexAccount(url, JSON.stringify(cloud.serviceAccountKey()))],
  });
  openai = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: relay.key, maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: relay.url, apiKey: relay.key, maxRetries: 0 });
  google = new GoogleGenAI({ apiKey: relay.key, httpOptions: { baseUrl: relay.url } });
});
after(() => relay[Symbol.asyncDispose]());

for (const model of models) {
  suite(`${model} on Vertex`, () => {
    test('answers every client, whole and in pieces', async () => {
      const prompt = '[[say:one two three]]';
      const messages = [{ role: 'user' as const, content: prompt }];
      const chat = await openai.chat.completions.create({ model, messages });
      assert.equal(chat.choices[0]?.message.content, 'one two three');
      assert.ok((chat.usage?.total_tokens ?? 0) > 0);
      const chatStream = openai.chat.completions.stream({ model, messages });
      assert.equal(await chatStream.finalContent(), 'one two three');
      assert.equal((await openai.responses.create({ model, input: prompt })).output_text, 'one two three');
      const responseStream = openai.responses.stream({ model, input: prompt });
      assert.equal((await responseStream.finalResponse()).output_text, 'one two three');
      const wish = { model, max_tokens: 100, messages };
      assert.equal(textOf(await anthropic.messages.create(wish)), 'one two three');
      assert.equal(textOf(await anthropic.messages.stream(wish).finalMessage()), 'one two three');
      assert.equal((await google.models.generateContent({ model, contents: prompt })).text, 'one two three');
      let streamed = '';
      for await (const chunk of await google.models.generateContentStream({ model, contents: prompt })) {
        streamed += chunk.text ?? '';
      }
      assert.equal(streamed, 'one two three');
    });

    test('calls tools for every client and answers their results', async () => {
      assert.equal(await chatTools(model), 'it is sunny');
      assert.equal(await messagesTools(model), 'it is sunny');
      assert.equal(await geminiTools(model), 'it is sunny');
      assert.equal(await responsesTools(model), 'it is sunny');
    });

    test('counts tokens', async () => {
      const messages = [{ role: 'user' as const, content: 'Hello!' }];
      assert.ok((await anthropic.messages.countTokens({ model, messages })).input_tokens > 0);
      assert.ok(((await google.models.countTokens({ model, contents: 'Hello!' })).totalTokens ?? 0) > 0);
    });
  });
}

function textOf(message: Anthropic.Message): string {
  return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

async function chatTools(model: string): Promise<string | null | undefined> {
  const tools = [{ type: 'function' as const, function: { name: 'get_weather', parameters: weatherSchema } }];
  const image = { type: 'image_url' as const, image_url: { url: `data:image/png;base64,${pixelPng}` } };
  const messages: OpenAI.ChatCompletionMessageParam[] = [
    { role: 'user', content: [image, { type: 'text', text: callWeather }] },
  ];
  const first = await openai.chat.completions.create({ model, tools, messages });
  const message = first.choices[0]?.message;
  const call = message?.tool_calls?.[0];
  assert.ok(message && call?.type === 'function');
  assert.equal(call.function.arguments, '{"city":"Paris"}');
  const result = { role: 'tool' as const, tool_call_id: call.id, content: 'sunny' };
  const second = await openai.chat.completions.create({
    model,
    tools,
    messages: [...messages, message, result],
  });
  return second.choices[0]?.message.content;
}

async function responsesTools(model: string): Promise<string> {
  const tools = [
    { type: 'function' as const, name: 'get_weather', parameters: weatherSchema, strict: false },
  ];
  const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: callWeather }];
  const first = await openai.responses.create({ model, tools, input, store: false });
  const call = first.output.find((item) => item.type === 'function_call');
  assert.ok(call);
  const result = { type: 'function_call_output' as const, call_id: call.call_id, output: 'sunny' };
  const again = [...input, ...(first.output as OpenAI.Responses.ResponseInput), result];
  return (await openai.responses.create({ model, tools, input: again, store: false })).output_text;
}

async function messagesTools(model: string): Promise<string> {
  const common = { model, max_tokens: 500, tools: [{ name: 'get_weather', input_schema: weatherSchema }] };
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: callWeather }];
  const first = await anthropic.messages.stream({ ...common, messages }).finalMessage();
  const call = first.content.find((block) => block.type === 'tool_use');
  assert.deepEqual(call?.input, { city: 'Paris' });
  const result = { type: 'tool_result' as const, tool_use_id: call?.id ?? '', content: 'sunny' };
  const turns = [
    { role: 'assistant' as const, content: first.content },
    { role: 'user' as const, content: [result] },
  ];
  return textOf(await anthropic.messages.create({ ...common, messages: [...messages, ...turns] }));
}

async function geminiTools(model: string): Promise<string | undefined> {
  const config = {
    tools: [{ functionDeclarations: [{ name: 'get_weather', parametersJsonSchema: weatherSchema }] }],
  };
  // No role and ids of its own: both are fine at Google's own API, and not on the cloud.
  const contents: Content[] = [{ parts: [{ text: callWeather }] }];
  const first = await google.models.generateContent({ model, contents, config });
  const turn = first.candidates?.[0]?.content;
  assert.ok(turn?.parts);
  const parts = turn.parts.map((part) =>
    part.functionCall === undefined
      ? part
      : { ...part, functionCall: { ...part.functionCall, id: 'call_1' } },
  );
  const response = { id: 'call_1', name: 'get_weather', response: { output: 'sunny' } };
  contents.push({ ...turn, parts }, { role: 'user', parts: [{ functionResponse: response }] });
  return (await google.models.generateContent({ model, contents, config })).text;
}

suite("the cloud's own clients", () => {
  const bearer = (): { getRequestHeaders(): Promise<Headers> } => ({
    getRequestHeaders: () => Promise.resolve(new Headers({ authorization: `Bearer ${relay.key}` })),
  });

  test("Google's reaches all models in cloud mode, with a project and with a key alone", async () => {
    const withProject = new GoogleGenAI({
      vertexai: true,
      project: 'any-project',
      location: 'us-central1',
      googleAuthOptions: { authClient: bearer() as never },
      httpOptions: { baseUrl: relay.url },
    });
    const express = new GoogleGenAI({
      vertexai: true,
      apiKey: relay.key,
      httpOptions: { baseUrl: relay.url },
    });
    for (const client of [withProject, express]) {
      for (const model of models) {
        const answer = await client.models.generateContent({ model, contents: '[[say:hi]]' });
        assert.equal(answer.text, 'hi', model);
      }
    }
  });

  test("Anthropic's reaches all models, by names with the cloud's dates too", async () => {
    const client = new AnthropicVertex({
      baseURL: `${relay.url}/v1`,
      region: 'europe-west4',
      projectId: 'any-project',
      authClient: bearer() as never,
      maxRetries: 0,
    });
    const messages = [{ role: 'user' as const, content: '[[say:hi]]' }];
    for (const model of [...models, 'claude-sonnet-4-5@20250929']) {
      assert.equal(textOf(await client.messages.create({ model, max_tokens: 50, messages })), 'hi', model);
      const stream = client.messages.stream({ model, max_tokens: 50, messages });
      assert.equal(textOf(await stream.finalMessage()), 'hi', model);
    }
    const count = await client.messages.countTokens({ model: 'claude-sonnet-4-5', messages });
    assert.ok(count.input_tokens > 0);
  });
});

test("the cloud's own clients reach the models of every provider at the provider's own address", async () => {
  await using plain = await bootRelay();
  const authClient = {
    getRequestHeaders: () => Promise.resolve(new Headers({ authorization: `Bearer ${plain.key}` })),
  } as never;
  const place = { project: 'any-project', location: 'eu' };
  const cloud = new GoogleGenAI({
    vertexai: true,
    ...place,
    googleAuthOptions: { authClient },
    httpOptions: { baseUrl: plain.url },
  });
  const claude = new AnthropicVertex({
    baseURL: `${plain.url}/v1`,
    region: place.location,
    projectId: place.project,
    authClient,
    maxRetries: 0,
  });
  const contents = '[[say:one two three]]';
  const messages = [{ role: 'user' as const, content: contents }];
  for (const model of ['gemini-2.5-flash', 'claude-opus-4-8', 'gpt-5.5']) {
    assert.equal((await cloud.models.generateContent({ model, contents })).text, 'one two three', model);
    let streamed = '';
    for await (const chunk of await cloud.models.generateContentStream({ model, contents })) {
      streamed += chunk.text ?? '';
    }
    assert.equal(streamed, 'one two three', model);
    const config = { systemInstruction: 'Be kind.' };
    const count = await cloud.models.countTokens({ model, contents, config });
    assert.ok((count.totalTokens ?? 0) > 0, model);
    const wish = { model, max_tokens: 4000, messages };
    assert.equal(textOf(await claude.messages.create(wish)), 'one two three', model);
    assert.equal(textOf(await claude.messages.stream(wish).finalMessage()), 'one two three', model);
    assert.ok((await claude.messages.countTokens({ model, messages })).input_tokens > 0, model);
  }
  await assert.rejects(claude.messages.create({ model: 'no-such-model', max_tokens: 5, messages }), {
    status: 404,
  });
});

test('betas that the cloud does not know stay behind, and those that it calls otherwise are renamed', async () => {
  const betas = ['claude-code-20250219', 'advanced-tool-use-2025-11-20', 'context-1m-2025-08-07'];
  await anthropic.messages.create(
    { model: 'claude-sonnet-4-5', max_tokens: 50, messages: [{ role: 'user', content: 'Hi' }] },
    { headers: { 'anthropic-beta': betas.join(',') } },
  );
  const seen = relay.simulator.requests.at(-1);
  assert.equal(seen?.status, 200);
  assert.equal(seen.headers['anthropic-beta'], 'tool-search-tool-2025-10-19,context-1m-2025-08-07');
});

test('errors of the cloud and of the model reach the client as its protocol says them', async () => {
  for (const model of ['gemini-2.5-flash', 'claude-sonnet-4-5']) {
    await assert.rejects(
      openai.chat.completions.create({
        model,
        messages: [{ role: 'user', content: '[[fault:429 retry-after-s=120]]' }],
      }),
      { status: 429, code: 'rate_limit_exceeded' },
    );
    for (const account of await relay.workspace.store.loadAccounts())
      relay.app.relay.health.reset(account.id);
  }
  const orphan = { type: 'tool_result' as const, tool_use_id: 'toolu_1', content: 'x' };
  await assert.rejects(
    anthropic.messages.create({
      model: 'claude-sonnet-4-5',
      max_tokens: 50,
      messages: [{ role: 'user', content: [orphan] }],
    }),
    (error: Error & { status?: number }) => {
      assert.equal(error.status, 400);
      assert.match(error.message, /tool_use_id/);
      return true;
    },
  );
});

test('structured output of Claude goes by a tool, as the cloud refuses schemas', async () => {
  for (const model of ['claude-opus-4-8', 'gemini-2.5-flash']) {
    const answer = await openai.chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'A city?' }],
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema: weatherSchema } },
    });
    const content = JSON.parse(answer.choices[0]?.message.content ?? '') as { readonly city: unknown };
    assert.equal(typeof content.city, 'string', model);
  }
});

test('a failure inside the stream ends it as the client protocol says, and leaving stops the cloud', async () => {
  for (const model of ['gemini-2.5-flash', 'claude-opus-4-8']) {
    const failing = '[[tokens:50]] [[fault:overloaded-mid-stream after-frames=8]]';
    const broken = anthropic.messages.stream({
      model,
      max_tokens: 500,
      messages: [{ role: 'user', content: failing }],
    });
    await assert.rejects(broken.finalMessage(), model);
    for (const account of await relay.workspace.store.loadAccounts())
      relay.app.relay.health.reset(account.id);
    const endless = '[[tokens:300]] [[fault:stall-mid-stream after-frames=10]]';
    const stream = openai.chat.completions.stream({ model, messages: [{ role: 'user', content: endless }] });
    stream.on('content', () => stream.abort());
    await assert.rejects(stream.finalContent(), model);
    await eventually(() => assert.equal(relay.simulator.openStreams(), 0));
  }
});
