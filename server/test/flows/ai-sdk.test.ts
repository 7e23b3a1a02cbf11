import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import {
  APICallError,
  generateText,
  jsonSchema,
  stepCountIs,
  streamText,
  tool,
  type LanguageModel,
} from 'ai';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { eventually } from './eventually.ts';
import { pixelPng, weatherSchema } from './samples.ts';

let relay: BootedRelay;
type ModelsOf = (key: string) => { readonly good: LanguageModel; readonly missing: LanguageModel };

const providers: Readonly<Record<string, ModelsOf>> = {
  'openai (responses)': (key) => {
    const provider = createOpenAI({ baseURL: `${relay.url}/v1`, apiKey: key });
    return { good: provider('gpt-4.1-mini'), missing: provider('no-such-model') };
  },
  'openai (chat)': (key) => {
    const provider = createOpenAI({ baseURL: `${relay.url}/v1`, apiKey: key });
    return { good: provider.chat('gpt-4.1-mini'), missing: provider.chat('no-such-model') };
  },
  anthropic: (key) => {
    const provider = createAnthropic({ baseURL: `${relay.url}/v1`, apiKey: key });
    return { good: provider('claude-sonnet-4-5'), missing: provider('no-such-model') };
  },
  google: (key) => {
    const provider = createGoogleGenerativeAI({ baseURL: `${relay.url}/v1beta`, apiKey: key });
    return { good: provider('gemini-2.5-flash'), missing: provider('no-such-model') };
  },
};

before(async () => {
  relay = await bootRelay();
});
after(() => relay[Symbol.asyncDispose]());

const weather = tool({
  description: 'Weather of a city',
  inputSchema: jsonSchema<{ city: string }>(weatherSchema),
  execute: ({ city }) => `sunny in ${city}`,
});

for (const [name, modelsOf] of Object.entries(providers)) {
  test(`${name}: text comes back whole`, async () => {
    const { text, usage } = await generateText({
      model: modelsOf(relay.key).good,
      prompt: '[[say:good morning]]',
    });
    assert.equal(text, 'good morning');
    assert.ok((usage.outputTokens ?? 0) > 0);
  });

  test(`${name}: text is streamed piece by piece`, async () => {
    const { textStream } = streamText({
      model: modelsOf(relay.key).good,
      prompt: '[[say:one two three four]]',
    });
    const pieces: string[] = [];
    for await (const piece of textStream) pieces.push(piece);
    assert.equal(pieces.join(''), 'one two three four');
    assert.ok(pieces.length >= 2);
  });

  test(`${name}: a tool is called, run and answered in one go`, async () => {
    const { text, steps } = await generateText({
      model: modelsOf(relay.key).good,
      tools: { get_weather: weather },
      stopWhen: stepCountIs(3),
      prompt: '[[tool:get_weather {"city":"Paris"}]] [[then:it is sunny]]',
    });
    assert.deepEqual(steps[0]?.toolCalls[0]?.input, { city: 'Paris' });
    assert.equal(text, 'it is sunny');
  });

  test(`${name}: an image is accepted`, async () => {
    const { text } = await generateText({
      model: modelsOf(relay.key).good,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', image: Buffer.from(pixelPng, 'base64'), mediaType: 'image/png' },
          ],
        },
      ],
    });
    assert.notEqual(text, '');
  });

  test(`${name}: errors keep their status`, async () => {
    const statusOf = (model: LanguageModel): Promise<number | undefined> =>
      generateText({ model, prompt: 'Hello!', maxRetries: 0 }).then(
        () => 200,
        (error: unknown) => (APICallError.isInstance(error) ? error.statusCode : undefined),
      );
    assert.equal(await statusOf(modelsOf(relay.key).missing), 404);
    assert.equal(await statusOf(modelsOf('sk-qz-wrong').good), 401);
  });

  test(`${name}: leaving a stream stops the upstream at once`, async () => {
    const controller = new AbortController();
    const { textStream } = streamText({
      model: modelsOf(relay.key).good,
      abortSignal: controller.signal,
      maxRetries: 0,
      onError: () => undefined,
      prompt: '[[tokens:3000]] [[fault:stall-mid-stream after-frames=10]]',
    });
    for await (const piece of textStream) {
      if (piece !== '') {
        controller.abort();
        break;
      }
    }
    await eventually(() => assert.equal(relay.simulator.openStreams(), 0));
  });
}
