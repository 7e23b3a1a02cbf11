import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { AzureOpenAI } from 'openai';
import type { NewAccount } from '../../src/control/add-account.ts';
import {
  apiKey,
  apiVersion,
  azureAccount,
  clientsOf,
  deployments,
  textOf,
  type Clients,
} from './azure-account.ts';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { weatherSchema } from './samples.ts';

/** Azure OpenAI in both styles of address, and Claude beside it, behind all four protocols. */
const callWeather = '[[tool:get_weather {"city":"Paris"}]] [[then:it is sunny]]';

const styles = [
  { style: 'the v1 addresses', options: {}, path: /^\/azure\/openai\/v1\// },
  { style: 'the dated addresses', options: { 'api-version': apiVersion }, path: /^\/azure\/openai\/(?!v1)/ },
] as const;

for (const { style, options, path } of styles) {
  suite(`Azure OpenAI at ${style}`, () => {
    let relay: BootedRelay;
    let clients: Clients;
    before(async () => {
      relay = await bootRelay({
        simulator: { deployments },
        accounts: (url) => [azureAccount(url, { options })],
      });
      clients = clientsOf(relay);
    });
    after(() => relay[Symbol.asyncDispose]());

    test('answers every client, whole and in pieces', async () => {
      const { openai, anthropic, google } = clients;
      const prompt = '[[say:one two three]]';
      const messages = [{ role: 'user' as const, content: prompt }];
      for (const model of ['gpt-4.1-mini', 'gpt-5.5']) {
        const chat = await openai.chat.completions.create({ model, messages });
        assert.equal(chat.choices[0]?.message.content, 'one two three');
        const stream = openai.chat.completions.stream({ model, messages });
        assert.equal(await stream.finalContent(), 'one two three');
        assert.equal((await openai.responses.create({ model, input: prompt })).output_text, 'one two three');
        const responses = openai.responses.stream({ model, input: prompt });
        assert.equal((await responses.finalResponse()).output_text, 'one two three');
        const wish = { model, max_tokens: 4000, messages };
        assert.equal(textOf(await anthropic.messages.create(wish)), 'one two three');
        assert.equal(textOf(await anthropic.messages.stream(wish).finalMessage()), 'one two three');
        const whole = await google.models.generateContent({ model, contents: prompt });
        assert.equal(whole.text, 'one two three');
        let streamed = '';
        for await (const chunk of await google.models.generateContentStream({ model, contents: prompt })) {
          streamed += chunk.text ?? '';
        }
        assert.equal(streamed, 'one two three');
      }
      assert.ok(relay.simulator.requests.every((entry) => path.test(entry.path)));
    });

    test('takes the old name of the output limit for a deployment of any name', async () => {
      const messages = [{ role: 'user' as const, content: '[[say:one two three]]' }];
      for (const model of ['gpt-4.1-mini', 'gpt-5.5']) {
        const chat = await clients.openai.chat.completions.create({ model, max_tokens: 4000, messages });
        assert.equal(chat.choices[0]?.message.content, 'one two three');
      }
    });

    test('calls tools for the clients of every protocol', async () => {
      const { openai, anthropic, google } = clients;
      const model = 'gpt-5.5';
      const chat = await openai.chat.completions.create({
        model,
        messages: [{ role: 'user', content: callWeather }],
        tools: [{ type: 'function', function: { name: 'get_weather', parameters: weatherSchema } }],
      });
      const call = chat.choices[0]?.message.tool_calls?.[0];
      assert.equal(call?.type === 'function' && call.function.arguments, '{"city":"Paris"}');
      const tools = [{ name: 'get_weather', input_schema: weatherSchema }];
      const turn = { role: 'user' as const, content: callWeather };
      const wish = { model, max_tokens: 4000, tools };
      const first = await anthropic.messages.stream({ ...wish, messages: [turn] }).finalMessage();
      const use = first.content.find((block) => block.type === 'tool_use');
      assert.deepEqual(use?.input, { city: 'Paris' });
      const result = { type: 'tool_result' as const, tool_use_id: use?.id ?? '', content: 'sunny' };
      const second = await anthropic.messages.create({
        ...wish,
        messages: [turn, { role: 'assistant', content: first.content }, { role: 'user', content: [result] }],
      });
      assert.equal(textOf(second), 'it is sunny');
      const declarations = [{ name: 'get_weather', parametersJsonSchema: weatherSchema }];
      const answer = await google.models.generateContent({
        model,
        contents: callWeather,
        config: { tools: [{ functionDeclarations: declarations }] },
      });
      assert.deepEqual(answer.functionCalls?.[0]?.args, { city: 'Paris' });
    });

    test('embeds texts', async () => {
      const embedded = await clients.openai.embeddings.create({
        model: 'text-embedding-3-small',
        input: ['a', 'b'],
      });
      assert.equal(embedded.data.length, 2);
    });

    test("the filter's findings reach a client of the same protocol, and its refusal every client", async () => {
      const { openai, anthropic, google } = clients;
      const model = 'gpt-4.1-mini';
      const stream = await openai.chat.completions.create({
        model,
        messages: [{ role: 'user', content: '[[say:hi]]' }],
        stream: true,
      });
      const chunks = [];
      for await (const chunk of stream) chunks.push(chunk);
      assert.ok('prompt_filter_results' in (chunks[0] ?? {}));
      assert.ok(
        chunks.every((chunk) => (chunk.usage ?? null) === null),
        'no usage that nobody asked for',
      );
      const content = '[[content-filter]]';
      const messages = [{ role: 'user' as const, content }];
      await assert.rejects(openai.chat.completions.create({ model, messages }), (error: Error) => {
        assert.equal(Reflect.get(error, 'code'), 'content_filter');
        const inner: unknown = Reflect.get(Reflect.get(error, 'error') as object, 'innererror');
        assert.equal(Reflect.get(inner as object, 'code'), 'ResponsibleAIPolicyViolation');
        return true;
      });
      await assert.rejects(anthropic.messages.create({ model, max_tokens: 50, messages }), { status: 400 });
      await assert.rejects(google.models.generateContent({ model, contents: content }), { status: 400 });
    });
  });
}

test('Claude on Foundry answers the clients of every protocol, by key and by Entra', async () => {
  await using relay = await bootRelay({
    simulator: { deployments },
    accounts: (url, { cloud }) => {
      const { authority, tenantId, clientId, clientSecret } = cloud.application;
      const application = { authority, tenantId, clientId, clientSecret };
      const account = (
        name: string,
        credential: string,
        [offered, deployment]: readonly [string, string],
      ): NewAccount => ({
        name,
        kind: 'foundry-claude',
        credential,
        baseUrl: `${url}/azure/anthropic`,
        models: [deployment],
        modelMap: { [offered]: deployment },
      });
      return [
        account('by key', apiKey, ['claude-sonnet-4-5', 'our-claude']),
        account('by application', JSON.stringify(application), ['claude-opus-4-8', 'our-opus']),
      ];
    },
  });
  const { openai, anthropic, google } = clientsOf(relay);
  for (const model of ['claude-sonnet-4-5', 'claude-opus-4-8']) {
    const messages = [{ role: 'user' as const, content: '[[say:hi]]' }];
    assert.equal(textOf(await anthropic.messages.create({ model, max_tokens: 50, messages })), 'hi');
    assert.equal(
      (await openai.chat.completions.create({ model, messages })).choices[0]?.message.content,
      'hi',
    );
    assert.equal((await openai.responses.create({ model, input: '[[say:hi]]' })).output_text, 'hi');
    assert.equal((await google.models.generateContent({ model, contents: '[[say:hi]]' })).text, 'hi');
  }
  assert.equal(relay.simulator.cloud.tokensIssued(), 1);
});

test("OpenAI's client for Azure reaches the models of every provider through the relay", async () => {
  await using relay = await bootRelay();
  const client = new AzureOpenAI({ endpoint: relay.url, apiKey: relay.key, apiVersion, maxRetries: 0 });
  for (const model of ['gpt-4.1-mini', 'claude-sonnet-4-5', 'gemini-2.5-flash']) {
    const messages = [{ role: 'user' as const, content: '[[say:one two]]' }];
    const chat = await client.chat.completions.create({ model, messages });
    assert.equal(chat.choices[0]?.message.content, 'one two');
    assert.equal(await client.chat.completions.stream({ model, messages }).finalContent(), 'one two');
    assert.equal((await client.responses.create({ model, input: '[[say:one two]]' })).output_text, 'one two');
  }
  const embedded = await client.embeddings.create({ model: 'text-embedding-3-small', input: 'a' });
  assert.equal(embedded.data.length, 1);
});
