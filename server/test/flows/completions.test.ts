import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import OpenAI, { BadRequestError } from 'openai';
import { bootRelay, type BootedRelay } from './boot-relay.ts';

/** The openai client's legacy completions, with models that have none of their own, through the whole relay. */
let relay: BootedRelay;
let openai: OpenAI;

before(async () => {
  relay = await bootRelay();
  openai = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: relay.key, maxRetries: 0 });
});
after(() => relay[Symbol.asyncDispose]());

for (const model of ['gpt-5.4', 'claude-sonnet-4-5', 'gemini-2.5-flash']) {
  suite(`a legacy completion with ${model}`, () => {
    test('is answered as text, and says how', async () => {
      const { data, response } = await openai.completions
        .create({ model, prompt: ['[[say:and they lived happily]]'], max_tokens: 200 })
        .withResponse();
      assert.equal(data.object, 'text_completion');
      assert.equal(data.choices[0]?.text, 'and they lived happily');
      assert.equal(data.choices[0].finish_reason, 'stop');
      assert.equal(response.headers.get('x-relay-warnings'), 'prompt_continued_by_instruction');
      const callId = response.headers.get('x-relay-call-id') ?? '';
      const call = await relay.workspace.store.findCall(relay.workspace.organizationId, callId as never);
      assert.equal(call?.usage.output, data.usage?.completion_tokens);
      assert.ok((call?.charge ?? 0n) > 0n);
    });

    test('streams in its own shape, with the prompt first where that was asked for', async () => {
      const prompt = '[[say:one two three]]';
      const stream = await openai.completions.create({
        model,
        prompt,
        echo: true,
        stop: ['three'],
        stream: true,
        stream_options: { include_usage: true },
      });
      let text = '';
      let reason: string | undefined;
      let tokens = 0;
      for await (const chunk of stream) {
        assert.equal(chunk.object, 'text_completion');
        text += chunk.choices[0]?.text ?? '';
        reason = chunk.choices[0]?.finish_reason ?? reason;
        tokens = chunk.usage?.completion_tokens ?? tokens;
      }
      assert.equal(text, `${prompt}one two `);
      assert.equal(reason, 'stop');
      assert.ok(tokens > 0);
    });

    test('refuses what only a model with completions can do, and names it', async () => {
      const wishes = [
        { suffix: '\n}', prompt: 'function add(a, b) {' },
        { prompt: [1, 2, 3] },
        { prompt: ['a', 'b'] },
        { prompt: 'a', best_of: 3 },
        { prompt: 'a', echo: true, logprobs: 2 },
      ];
      for (const wish of wishes) {
        await assert.rejects(
          openai.completions.create({ model, max_tokens: 50, ...wish }),
          (error) =>
            error instanceof BadRequestError && error.param !== null && error.message.includes('chat model'),
        );
      }
    });
  });
}

test('a model with completions of its own gets the request as it is', async () => {
  const { data, response } = await openai.completions
    .create({ model: 'gpt-3.5-turbo-instruct', prompt: ['a', 'b'], suffix: 'c', max_tokens: 20 })
    .withResponse();
  assert.equal(data.choices.length, 2);
  assert.equal(response.headers.get('x-relay-warnings'), null);
});
