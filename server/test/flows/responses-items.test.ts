import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { createOpenAI, type OpenAIProvider } from '@ai-sdk/openai';
import { generateText, jsonSchema, stepCountIs, streamText, tool, type ModelMessage } from 'ai';
import OpenAI, { BadRequestError } from 'openai';
import type { CallId } from '../../src/domain/ids.ts';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { weatherSchema } from './samples.ts';

/** Conversations that refer to items of earlier answers, which one of several accounts keeps. */
let relay: BootedRelay;
let openai: OpenAI;
const model = 'gpt-5.5';

before(async () => {
  relay = await bootRelay({
    accounts: (url) => [
      { name: 'one', kind: 'openai', credential: 'sk-one-000000000000', baseUrl: `${url}/v1` },
      { name: 'two', kind: 'openai', credential: 'sk-two-000000000000', baseUrl: `${url}/v1` },
      { name: 'anthropic', kind: 'anthropic', credential: 'sk-ant-test-0000000000', baseUrl: url },
    ],
  });
  openai = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: relay.key, maxRetries: 0 });
});
after(() => relay[Symbol.asyncDispose]());

async function accountOf(callId: string | null): Promise<string> {
  const { store, organizationId } = relay.workspace;
  const call = await store.findCall(organizationId, callId as CallId);
  return call?.attempts.at(-1)?.accountId ?? '';
}

/** Makes other calls go to other accounts. */
function makeLast(accountId: string): void {
  const { health } = relay.app.relay;
  for (let at = 0; at < 3; at += 1) health.begin(accountId as never);
}

interface Turn {
  readonly text: string;
  readonly messages: readonly ModelMessage[];
  readonly callId: string;
}

const weather = tool({
  description: 'Weather of a city',
  inputSchema: jsonSchema<{ city: string }>(weatherSchema),
  execute: ({ city }) => `sunny in ${city}`,
});

/** What the client sent last. */
let sent = '';

function providerOf(): OpenAIProvider {
  return createOpenAI({
    baseURL: `${relay.url}/v1`,
    apiKey: relay.key,
    fetch(address, init) {
      sent = typeof init?.body === 'string' ? init.body : '';
      return fetch(address, init);
    },
  });
}

const ways: Readonly<Record<string, (messages: ModelMessage[]) => Promise<Turn>>> = {
  async whole(messages) {
    const provider = providerOf();
    const stopWhen = stepCountIs(3);
    const { text, response } = await generateText({
      model: provider(model),
      tools: { get_weather: weather },
      stopWhen,
      messages,
      maxRetries: 0,
    });
    const callId = response.headers?.['x-relay-call-id'] ?? '';
    return { text, messages: response.messages, callId };
  },
  async streamed(messages) {
    const provider = providerOf();
    const stopWhen = stepCountIs(3);
    const result = streamText({
      model: provider(model),
      tools: { get_weather: weather },
      stopWhen,
      messages,
      maxRetries: 0,
    });
    const text = await result.text;
    const response = await result.response;
    const callId = response.headers?.['x-relay-call-id'] ?? '';
    return { text, messages: response.messages, callId };
  },
};

suite("Vercel's AI SDK, which sends references in place of items by default", () => {
  for (const [form, ask] of Object.entries(ways)) {
    test(`goes on for many turns at the account that keeps them, ${form}`, async () => {
      const prompt = '[[tool:get_weather {"city":"Paris"}]] [[then:it is sunny]]';
      const messages: ModelMessage[] = [{ role: 'user', content: prompt }];
      const first = await ask(messages);
      assert.equal(first.text, 'it is sunny');
      messages.push(...first.messages);
      const keeper = await accountOf(first.callId);
      for (const word of ['two', 'three']) {
        makeLast(keeper);
        messages.push({ role: 'user', content: `[[say:${word}]]` });
        const next = await ask(messages);
        assert.equal(next.text, word);
        assert.equal(await accountOf(next.callId), keeper);
        assert.match(sent, /item_reference/);
        messages.push(...next.messages);
      }
    });
  }
});

test('the same client goes on with a model of another provider when it asks to keep nothing', async () => {
  const messages: ModelMessage[] = [{ role: 'user', content: '[[say:one]]' }];
  for (const word of ['one', 'two', 'three']) {
    const { text, response } = await generateText({
      model: providerOf()('claude-sonnet-4-5'),
      providerOptions: { openai: { store: false } },
      messages,
      maxRetries: 0,
    });
    assert.equal(text, word);
    messages.push(...response.messages, {
      role: 'user',
      content: word === 'one' ? '[[say:two]]' : '[[say:three]]',
    });
  }
});

suite('an item of an answer', () => {
  test('has one id in every event, in the whole answer and where it is looked at again', async () => {
    const stream = openai.responses.stream({ model, input: '[[say:one two]]' });
    const ids = new Set<string>();
    for await (const event of stream) {
      if ('item_id' in event) ids.add(event.item_id ?? '');
    }
    const answer = await stream.finalResponse();
    const message = answer.output.find(({ type }) => type === 'message');
    assert.deepEqual([...ids], [message?.id]);
    const idsOf = ({ output }: OpenAI.Responses.Response): readonly unknown[] => output.map(({ id }) => id);
    assert.deepEqual(idsOf(await openai.responses.retrieve(answer.id)), idsOf(answer));
  });

  test('that is sent whole goes to any account', async () => {
    const { data, response } = await openai.responses.create({ model, input: '[[say:one]]' }).withResponse();
    const keeper = await accountOf(response.headers.get('x-relay-call-id'));
    makeLast(keeper);
    const messages = data.output.filter((item) => item.type === 'message');
    const input = [...messages, { role: 'user' as const, content: '[[say:two]]' }];
    const next = await openai.responses.create({ model, input }).withResponse();
    assert.equal(next.data.output_text, 'two');
    assert.notEqual(await accountOf(next.response.headers.get('x-relay-call-id')), keeper);
  });

  test('that no account here keeps is refused with the way out', async () => {
    const made = { type: 'item_reference' as const, id: 'msg_0000_qzAAAAAAAAAAAAAAAA' };
    const asked = openai.responses.create({ model, input: [made, { role: 'user', content: 'Go on.' }] });
    await assert.rejects(asked, (error) => {
      assert.ok(error instanceof BadRequestError);
      assert.match(error.message, /"store": false/);
      return true;
    });
  });

  test('of a model of another provider cannot be referred to, and the answer says what to do', async () => {
    const first = await openai.responses.create({ model: 'claude-sonnet-4-5', input: '[[say:one]]' });
    const reference = { type: 'item_reference' as const, id: first.output[0]?.id ?? '' };
    const asked = openai.responses.create({
      model: 'claude-sonnet-4-5',
      input: [reference, { role: 'user', content: 'Go on.' }],
    });
    await assert.rejects(asked, (error) => {
      assert.ok(error instanceof BadRequestError);
      assert.match(error.message, /"store": false/);
      return true;
    });
  });
});

test('with one account the ids of items stay as the provider gave them', async () => {
  await using single = await bootRelay();
  const client = new OpenAI({ baseURL: `${single.url}/v1`, apiKey: single.key, maxRetries: 0 });
  const answer = await client.responses.create({ model, input: '[[say:one]]' });
  assert.ok(answer.output.length > 0);
  for (const { id } of answer.output) assert.doesNotMatch(id ?? '', /_qz/);
});
