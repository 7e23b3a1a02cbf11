import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import Anthropic, { APIError as AnthropicError } from '@anthropic-ai/sdk';
import { ApiError as GoogleError, GoogleGenAI } from '@google/genai';
import OpenAI, { APIError as OpenAiError } from 'openai';
import { bootRelay, type BootedRelay } from './boot-relay.ts';

/** Limits and errors as the official clients read them, with models behind other protocols, through the whole relay. */
let relay: BootedRelay;

before(async () => {
  relay = await bootRelay();
});
after(() => relay[Symbol.asyncDispose]());

interface Clients {
  readonly anthropic: Anthropic;
  readonly openai: OpenAI;
  readonly google: GoogleGenAI;
}

function clientsOf(key: string): Clients {
  return {
    anthropic: new Anthropic({ baseURL: relay.url, apiKey: key, maxRetries: 0 }),
    openai: new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: key, maxRetries: 0 }),
    google: new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: relay.url } }),
  };
}

const say = (text: string): [{ role: 'user'; content: string }] => [{ role: 'user', content: text }];

function headerOf(error: { readonly headers: unknown }, name: string): string | null {
  return error.headers instanceof Headers ? error.headers.get(name) : null;
}

suite('limits of a relay key', () => {
  test('are told in the headers of the client, on every answer and on a refusal', async () => {
    const key = await relay.newKey({ limits: { requestsPerMinute: 4, tokensPerMinute: 100_000 } });
    const { anthropic, openai, google } = clientsOf(key);
    const message = await anthropic.messages
      .create({ model: 'gpt-5.4', max_tokens: 200, messages: say('[[say:hi]]') })
      .asResponse();
    assert.equal(message.headers.get('anthropic-ratelimit-requests-limit'), '4');
    assert.equal(message.headers.get('anthropic-ratelimit-requests-remaining'), '3');
    assert.ok(Date.parse(message.headers.get('anthropic-ratelimit-requests-reset') ?? '') > Date.now());
    assert.equal(message.headers.get('x-ratelimit-limit-requests'), null);
    const completion = await openai.chat.completions
      .create({ model: 'claude-sonnet-4-5', messages: say('[[say:hi]]'), stream: true })
      .asResponse();
    await completion.text();
    assert.equal(completion.headers.get('x-ratelimit-remaining-requests'), '2');
    assert.equal(completion.headers.get('x-ratelimit-limit-tokens'), '100000');
    assert.equal(completion.headers.get('x-ratelimit-reset-requests'), '60s');
    await openai.responses.create({ model: 'gemini-2.5-flash', input: 'hi' });
    await google.models.generateContent({ model: 'gpt-5.4', contents: '[[say:hi]]' });

    await assert.rejects(
      openai.chat.completions.create({ model: 'gpt-5.4', messages: say('hi') }),
      (error) =>
        error instanceof OpenAiError &&
        error.status === 429 &&
        error.code === 'rate_limit_exceeded' &&
        headerOf(error, 'x-ratelimit-remaining-requests') === '0' &&
        Number(headerOf(error, 'retry-after')) >= 1 &&
        Number(headerOf(error, 'retry-after-ms')) > 0,
    );
    await assert.rejects(
      anthropic.messages.create({ model: 'gpt-5.4', max_tokens: 200, messages: say('hi') }),
      (error) =>
        error instanceof AnthropicError &&
        error.status === 429 &&
        error.type === 'rate_limit_error' &&
        headerOf(error, 'anthropic-ratelimit-requests-remaining') === '0',
    );
    await assert.rejects(
      google.models.generateContent({ model: 'gpt-5.4', contents: 'hi' }),
      (error) => error instanceof GoogleError && error.status === 429 && error.message.includes('RetryInfo'),
    );
  });

  test('that no waiting helps against say so', async () => {
    const { openai } = clientsOf(await relay.newKey({ limits: { tokensPerMinute: 100 } }));
    await assert.rejects(
      openai.chat.completions.create({ model: 'gpt-5.4', messages: say('word '.repeat(400)) }),
      (error) =>
        error instanceof OpenAiError && error.status === 429 && headerOf(error, 'retry-after') === null,
    );
  });
});

suite('errors of an upstream behind another protocol', () => {
  test('a limit that will lift is told with its time', async () => {
    relay.simulator.control.setFaults({ rate: 1, faults: ['429 retry-after-s=40'] });
    const { anthropic, openai, google } = clientsOf(relay.key);
    const reset = (): void => {
      for (const { record } of relay.app.relay.table().accounts) relay.app.relay.health.reset(record.id);
    };
    await assert.rejects(
      anthropic.messages.create({ model: 'gpt-5.4', max_tokens: 200, messages: say('hi') }),
      (error) =>
        error instanceof AnthropicError &&
        error.type === 'rate_limit_error' &&
        Number(headerOf(error, 'retry-after')) > 30,
    );
    reset();
    await assert.rejects(
      google.models.generateContent({ model: 'gpt-5.4', contents: 'hi' }),
      (error) => error instanceof GoogleError && /"retryDelay":"(?:3\d|40)s"/.test(error.message),
    );
    reset();
    await assert.rejects(
      openai.responses.create({ model: 'claude-sonnet-4-5', input: 'hi' }),
      (error) =>
        error instanceof OpenAiError &&
        error.code === 'rate_limit_exceeded' &&
        Number(headerOf(error, 'retry-after')) > 30,
    );
    reset();
    relay.simulator.control.clearFaults();
  });

  test('a prompt that is too long is told in the words that clients look for', async () => {
    const { anthropic, openai, google } = clientsOf(relay.key);
    const long = 'word '.repeat(20_000);
    await assert.rejects(
      anthropic.messages.create({ model: 'gpt-4', max_tokens: 100, messages: say(long) }),
      (error) =>
        error instanceof AnthropicError &&
        error.status === 400 &&
        error.type === 'invalid_request_error' &&
        /"message":"prompt is too long/.test(error.message),
    );
    await assert.rejects(
      google.models.generateContent({ model: 'gpt-4', contents: long }),
      (error) =>
        error instanceof GoogleError && error.status === 400 && error.message.includes('INVALID_ARGUMENT'),
    );
    const tooLong = long.repeat(11);
    await assert.rejects(
      openai.chat.completions.create({ model: 'claude-sonnet-4-5', messages: say(tooLong) }),
      (error) =>
        error instanceof OpenAiError && error.status === 400 && error.code === 'context_length_exceeded',
    );
  });

  test("the operator's troubles are never told as the caller's", async () => {
    const { anthropic, openai } = clientsOf(relay.key);
    relay.simulator.control.setFaults({ rate: 1, faults: ['401'] });
    await assert.rejects(
      anthropic.messages.create({ model: 'gpt-5.4', max_tokens: 200, messages: say('hi') }),
      (error) => error instanceof AnthropicError && (error.status ?? 0) >= 500,
    );
    await assert.rejects(
      openai.chat.completions.create({ model: 'claude-sonnet-4-5', messages: say('hi') }),
      (error) => error instanceof OpenAiError && (error.status ?? 0) >= 500,
    );
    relay.simulator.control.clearFaults();
    for (const { record } of relay.app.relay.table().accounts) relay.app.relay.health.reset(record.id);
  });

  test('a model that nobody offers, and a key that is not known, are told in every protocol', async () => {
    const { anthropic, openai, google } = clientsOf(relay.key);
    await assert.rejects(
      anthropic.messages.create({ model: 'nothing', max_tokens: 200, messages: say('hi') }),
      (error) =>
        error instanceof AnthropicError &&
        error.type === 'not_found_error' &&
        headerOf(error, 'x-should-retry') === 'false',
    );
    await assert.rejects(
      openai.responses.create({ model: 'nothing', input: 'hi' }),
      (error) => error instanceof OpenAiError && error.code === 'model_not_found' && error.status === 404,
    );
    await assert.rejects(
      google.models.generateContent({ model: 'nothing', contents: 'hi' }),
      (error) => error instanceof GoogleError && error.status === 404 && error.message.includes('NOT_FOUND'),
    );
    const stranger = clientsOf('sk-qz-unknown');
    await assert.rejects(
      stranger.anthropic.messages.create({ model: 'gpt-5.4', max_tokens: 200, messages: say('hi') }),
      (error) => error instanceof AnthropicError && error.type === 'authentication_error',
    );
    await assert.rejects(
      stranger.openai.chat.completions.create({ model: 'gpt-5.4', messages: say('hi') }),
      (error) => error instanceof OpenAiError && error.code === 'invalid_api_key' && error.status === 401,
    );
    await assert.rejects(
      stranger.google.models.generateContent({ model: 'gpt-5.4', contents: 'hi' }),
      (error) => error instanceof GoogleError && error.message.includes('API_KEY_INVALID'),
    );
  });
});
