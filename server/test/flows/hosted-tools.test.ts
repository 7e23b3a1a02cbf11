import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import OpenAI from 'openai';
import type { CallId } from '../../src/domain/ids.ts';
import type { CallRecord } from '../../src/ledger/call-record.ts';
import { chargeOf } from '../../src/ledger/charge.ts';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { eventually } from './eventually.ts';
import {
  openChat,
  openGemini,
  openMessages,
  openResponses,
  type OpenClient,
  type Told,
} from './hosted/clients.ts';

/** Searches and code that providers run themselves, from every client to every upstream that has them. */
let relay: BootedRelay;
before(async () => {
  relay = await bootRelay({
    accounts: (url) => [
      { name: 'anthropic', kind: 'anthropic', credential: 'sk-ant-test-0000000000', baseUrl: url },
      {
        name: 'openai',
        kind: 'openai',
        credential: 'sk-test-0000000000',
        baseUrl: `${url}/v1`,
        modelMap: { 'gpt-4o-search-preview': 'gpt-4o-search-preview' },
        unpriced: 'free',
      },
      {
        name: 'gemini',
        kind: 'gemini',
        credential: 'AIzaTest000000000000000000000000000000',
        baseUrl: url,
      },
    ],
  });
});
after(() => relay[Symbol.asyncDispose]());

const upstreams = {
  Messages: 'claude-sonnet-4-5',
  Responses: 'gpt-5.5',
  Gemini: 'gemini-2.5-flash',
} as const;
const clients: Readonly<Record<string, OpenClient>> = {
  Messages: openMessages,
  Responses: openResponses,
  Gemini: openGemini,
  Chat: openChat,
};

const sentence = 'Tårnet er 🗼 8 m.';
const said = `${sentence} Det er alt.`;
const prompt = `[[search: tall towers]] [[code: print(8)]] [[say:${said}]]`;

interface Expected {
  readonly hasSteps: boolean;
  /** What the source stands on. */
  readonly words?: string;
}

function checkTold(told: Told, { hasSteps, words = sentence }: Expected): void {
  assert.equal(told.text, said);
  assert.deepEqual(told.cited, [{ url: 'https://wiki.example/tall-towers', words }]);
  if (!hasSteps) return;
  assert.deepEqual(told.queries, ['tall towers']);
  assert.deepEqual(told.code, ['print(8)']);
  assert.deepEqual(told.outputs, ['8\n']);
}

/** The call that ended last. */
async function lastCall(seen: number): Promise<CallRecord> {
  const { store, organizationId } = relay.workspace;
  let found: CallRecord | undefined;
  await eventually(async () => {
    const ended = relay.observations.filter((observation) => observation.type === 'call-finished');
    assert.ok(ended.length > seen);
    found = await store.findCall(organizationId, ended.at(-1)?.callId as CallId);
    assert.ok(found !== undefined);
  });
  return found!;
}

const endedCalls = (): number => relay.observations.filter(({ type }) => type === 'call-finished').length;

function checkPriced(call: CallRecord): void {
  assert.equal(call.usage.webSearches, 1);
  assert.equal(call.usageSource, 'reported');
  const version = relay.workspace.prices.find(call.attempts.at(-1)?.upstreamModel ?? '', call.startedAt);
  assert.ok(version?.webSearch !== undefined, 'searches have a price');
  const { total, lines } = chargeOf(call.usage, version, call.startedAt);
  assert.equal(call.charge, total);
  const line = lines.find(({ item }) => item === 'webSearch');
  assert.equal(line?.unitPrice, version.webSearch);
}

for (const [client, open] of Object.entries(clients)) {
  suite(`a client of ${client}`, () => {
    for (const [upstream, model] of Object.entries(upstreams)) {
      // The models of OpenAI that Chat reaches natively search only where they were made for it.
      if (client === 'Chat' && upstream === 'Responses') continue;
      // A citation of Messages stands on its block, and words that are out cannot be cut when Gemini tells its sources.
      const isWhole = client === 'Messages' && upstream === 'Gemini';
      const wordsOf = (isStreamed: boolean): Pick<Expected, 'words'> =>
        isWhole && isStreamed ? { words: said } : {};
      for (const isStreamed of [false, true]) {
        test(`${isStreamed ? 'streams' : 'gets'} what ${upstream} found and ran, pays for the search, and goes on`, async () => {
          const conversation = open(relay);
          const before = endedCalls();
          const hasSteps = client !== 'Chat';
          checkTold(await conversation.ask(prompt, { model, isStreamed }), {
            hasSteps,
            ...wordsOf(isStreamed),
          });
          checkPriced(await lastCall(before));
          const next = await conversation.ask('[[say:And so it is.]]', { model, isStreamed });
          assert.equal(next.text, 'And so it is.');
          assert.equal((await lastCall(before + 1)).usage.webSearches, 0);
          checkTold(await conversation.ask(prompt, { model, isStreamed: !isStreamed }), {
            hasSteps,
            ...wordsOf(!isStreamed),
          });
        });
      }
    }
  });
}

suite('a conversation that goes on with another provider', () => {
  for (const [client, open] of Object.entries(clients)) {
    for (const [from, first] of Object.entries(upstreams)) {
      for (const [to, second] of Object.entries(upstreams)) {
        if (from === to || (client === 'Chat' && (from === 'Responses' || to === 'Responses'))) continue;
        test(`of ${client}, from ${from} to ${to} and back, carries what was found`, async () => {
          const conversation = open(relay);
          for (const [at, model] of [first, second, first, second].entries()) {
            const told = await conversation.ask(prompt, { model, isStreamed: at > 1 });
            assert.equal(told.text, said);
            assert.equal(told.cited.length, 1);
          }
        });
      }
    }
  }
});

suite('the search option of Chat', () => {
  test('goes to a model made for it as it is, and comes back as it is', async () => {
    const conversation = openChat(relay);
    const model = 'gpt-4o-search-preview';
    checkTold(await conversation.ask(prompt, { model, isStreamed: false }), { hasSteps: false });
    checkTold(await conversation.ask(prompt, { model, isStreamed: true }), { hasSteps: false });
  });

  test('tells the place of the user, and no warning', async () => {
    const openai = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: relay.key, maxRetries: 0 });
    const approximate = { country: 'NO', city: 'Oslo' };
    const { response } = await openai.chat.completions
      .create({
        model: upstreams.Messages,
        messages: [{ role: 'user', content: prompt }],
        web_search_options: { user_location: { type: 'approximate', approximate } },
      })
      .withResponse();
    assert.equal(response.headers.get('x-relay-warnings'), null);
  });
});
