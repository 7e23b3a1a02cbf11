import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { pixelPng, weatherSchema } from './samples.ts';

/** Counting tokens with the official clients, for models behind every protocol, through the whole relay. */
let relay: BootedRelay;
let anthropic: Anthropic;
let google: GoogleGenAI;
let openai: OpenAI;

before(async () => {
  relay = await bootRelay({
    accounts: (url) => [
      { name: 'anthropic', kind: 'anthropic', credential: 'sk-ant-test-0000000000', baseUrl: url },
      { name: 'gemini', kind: 'gemini', credential: 'AIzaTest000000000000000000000000000000', baseUrl: url },
      {
        name: 'openai',
        kind: 'openai',
        credential: 'sk-test-0000000000',
        baseUrl: `${url}/v1`,
      },
      {
        name: 'chat only',
        kind: 'openai-compatible',
        credential: 'sk-test-0000000000',
        baseUrl: `${url}/v1`,
        modelMap: { 'chat-only': 'gpt-4.1-mini' },
      },
    ],
  });
  anthropic = new Anthropic({ baseURL: relay.url, apiKey: relay.key, maxRetries: 0 });
  google = new GoogleGenAI({ apiKey: relay.key, httpOptions: { baseUrl: relay.url } });
  openai = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: relay.key, maxRetries: 0 });
});
after(() => relay[Symbol.asyncDispose]());

const text = 'The quick brown fox jumps over the lazy dog. '.repeat(20);
const counting: Readonly<Record<string, string | undefined>> = {
  'claude-sonnet-4-5': '/v1/messages/count_tokens',
  'gemini-2.5-flash': '/v1beta/models/gemini-2.5-flash:countTokens',
  'gpt-5.4': '/v1/responses/input_tokens',
  'chat-only': undefined,
};

/** What the call left behind: nothing charged, and the upstream's count where it has one. */
async function expectFree(
  response: Response,
  upstreamPath: string | undefined,
  asked: number,
): Promise<void> {
  const callId = response.headers.get('x-relay-call-id') ?? '';
  const call = await relay.workspace.store.findCall(relay.workspace.organizationId, callId as never);
  assert.deepEqual([call?.outcome, call?.charge, call?.cost], ['success', 0n, 0n]);
  assert.equal(call?.usage.input, 0);
  const warnings = response.headers.get('x-relay-warnings');
  if (upstreamPath === undefined) {
    assert.equal(warnings, 'count_estimated');
    assert.equal(relay.simulator.requests.length, asked);
    return;
  }
  assert.equal(warnings, null);
  const path = relay.simulator.requests.at(-1)?.path.replace(/^\/v1(?=\/models)/, '/v1beta');
  assert.equal(path, upstreamPath);
}

for (const [model, path] of Object.entries(counting)) {
  suite(`counting the tokens of a request to ${model}`, () => {
    test('with the Anthropic client', async () => {
      const asked = relay.simulator.requests.length;
      const { data, response } = await anthropic.messages
        .countTokens({
          model,
          system: 'Be kind.',
          messages: [{ role: 'user', content: text }],
          tools: [{ name: 'get_weather', input_schema: weatherSchema }],
        })
        .withResponse();
      assert.ok(data.input_tokens > 100 && data.input_tokens < 1_500, String(data.input_tokens));
      await expectFree(response, path, asked);
    });

    test('with the Google client', async () => {
      const asked = relay.simulator.requests.length;
      const counted = await google.models.countTokens({
        model,
        contents: [{ text }, { inlineData: { mimeType: 'image/png', data: pixelPng } }],
      });
      assert.ok((counted.totalTokens ?? 0) > 100 && (counted.totalTokens ?? 0) < 4_000);
      assert.equal(relay.simulator.requests.length, path === undefined ? asked : asked + 1);
    });

    test('with the OpenAI client', async () => {
      const asked = relay.simulator.requests.length;
      const { data, response } = await openai.responses.inputTokens
        .count({ model, instructions: 'Be kind.', input: text })
        .withResponse();
      assert.ok((data.input_tokens ?? 0) > 100 && (data.input_tokens ?? 0) < 1_500);
      await expectFree(response, path, asked);
    });
  });
}

test('a whole Gemini request is counted as such', async () => {
  const response = await fetch(`${relay.url}/v1beta/models/claude-sonnet-4-5:countTokens`, {
    method: 'POST',
    headers: { 'x-goog-api-key': relay.key, 'content-type': 'application/json' },
    body: JSON.stringify({
      generateContentRequest: {
        model: 'models/claude-sonnet-4-5',
        systemInstruction: { parts: [{ text }] },
        contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
      },
    }),
  });
  const counted = (await response.json()) as { totalTokens?: number };
  assert.ok((counted.totalTokens ?? 0) > 100);
});

test('a count that its upstream cannot give is estimated, and says so', async () => {
  relay.simulator.control.setFaults({ rate: 1, faults: ['500'] });
  after(() => relay.simulator.control.clearFaults());
  const { data, response } = await anthropic.messages
    .countTokens({ model: 'claude-sonnet-4-5', messages: [{ role: 'user', content: text }] })
    .withResponse();
  assert.ok(data.input_tokens > 100);
  assert.equal(response.headers.get('x-relay-warnings'), 'count_estimated');
});
