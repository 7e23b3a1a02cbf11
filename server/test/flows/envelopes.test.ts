import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { bootRelay, type BootedRelay } from './boot-relay.ts';

/**
 * Reasoning on its way through a client of another protocol, over several turns: to its origin, to another provider, and
 * back. The simulated providers refuse a signature that is not theirs, so a turn that comes through proves the rest.
 */
let relay: BootedRelay;
before(async () => {
  relay = await bootRelay();
});
after(() => relay[Symbol.asyncDispose]());

type Body = Record<string, unknown>;
type Item = Record<string, unknown>;

/** One client as it keeps its history: the answer goes back as it came. */
interface Client {
  readonly name: string;
  /** A question of the user in the client's form. */
  ask(text: string): Item;
  request(model: string, history: readonly Item[]): { readonly path: string; readonly body: Body };
  /** What the client keeps of an answer. */
  keep(answer: Body): readonly Item[];
  /** The result of every call of the last answer. */
  results(kept: readonly Item[]): readonly Item[];
}

const parameters = { type: 'object', properties: { city: { type: 'string' } } };
const list = (value: unknown): readonly Item[] => (Array.isArray(value) ? (value as readonly Item[]) : []);
const inner = (value: unknown): Item => (value ?? {}) as Item;

const messages: Client = {
  name: 'Messages',
  ask: (text) => ({ role: 'user', content: text }),
  request: (model, history) => ({
    path: '/v1/messages',
    body: {
      model,
      max_tokens: 9000,
      thinking: { type: 'enabled', budget_tokens: 2048 },
      messages: history,
      tools: [{ name: 'get_weather', input_schema: parameters }],
    },
  }),
  keep: (answer) => [{ role: 'assistant', content: answer['content'] }],
  results: ([kept]) => [
    {
      role: 'user',
      content: list(kept?.['content'])
        .filter(({ type }) => type === 'tool_use')
        .map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: 'sunny' })),
    },
  ],
};

const responses: Client = {
  name: 'Responses',
  ask: (text) => ({ role: 'user', content: text }),
  request: (model, history) => ({
    path: '/v1/responses',
    body: {
      model,
      store: false,
      include: ['reasoning.encrypted_content'],
      reasoning: { effort: 'medium', summary: 'auto' },
      input: history,
      tools: [{ type: 'function', name: 'get_weather', parameters, strict: false }],
    },
  }),
  keep: (answer) => list(answer['output']),
  results: (kept) =>
    kept
      .filter(({ type }) => type === 'function_call')
      .map(({ call_id }) => ({ type: 'function_call_output', call_id, output: 'sunny' })),
};

const chat: Client = {
  name: 'Chat Completions',
  ask: (text) => ({ role: 'user', content: text }),
  request: (model, history) => ({
    path: '/v1/chat/completions',
    body: {
      model,
      reasoning_effort: 'medium',
      max_completion_tokens: 9000,
      messages: history,
      tools: [{ type: 'function', function: { name: 'get_weather', parameters } }],
    },
  }),
  keep: (answer) => list(answer['choices']).map((choice) => inner(choice['message'])),
  results: ([kept]) =>
    list(kept?.['tool_calls']).map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'sunny' })),
};

const gemini: Client = {
  name: 'Gemini',
  ask: (text) => ({ role: 'user', parts: [{ text }] }),
  request: (model, history) => ({
    path: `/v1beta/models/${model}:generateContent`,
    body: {
      contents: history,
      generationConfig: {
        maxOutputTokens: 9000,
        thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 },
      },
      tools: [{ functionDeclarations: [{ name: 'get_weather', parametersJsonSchema: parameters }] }],
    },
  }),
  keep: (answer) => list(answer['candidates']).map((candidate) => inner(candidate['content'])),
  results: ([kept]) => [
    {
      role: 'user',
      parts: list(kept?.['parts']).flatMap((part) => {
        const call = part['functionCall'] as Item | undefined;
        if (call === undefined) return [];
        const { id, name } = call;
        return [
          { functionResponse: { ...(id === undefined ? {} : { id }), name, response: { output: 'sunny' } } },
        ];
      }),
    },
  ],
};

const clients = [messages, responses, chat, gemini];
/** A thinking model of each provider, and what its wire calls the value that only it can read. */
const origins = [
  { model: 'claude-sonnet-4-5', opaque: /"signature":"[^"]{40,}"/u, at: '/v1/messages' },
  { model: 'gpt-5.5', opaque: /"encrypted_content":"gAAAA[^"]+"/u, at: '/v1/responses' },
  {
    model: 'gemini-3-flash-preview',
    opaque: /"thoughtSignature":"(?!skip_)[^"]+"/u,
    at: ':streamGenerateContent',
  },
];

async function turn(client: Client, model: string, history: readonly Item[]): Promise<readonly Item[]> {
  const { path, body } = client.request(model, history);
  const response = await fetch(relay.url + path, {
    method: 'POST',
    headers: {
      'x-api-key': relay.key,
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  assert.equal(response.status, 200, `${client.name} ${model}: ${text}`);
  return client.keep(JSON.parse(text) as Body);
}

function lastSent(): { readonly path: string; readonly text: string } {
  const entry = relay.simulator.control.requests().at(-1);
  return { path: entry?.path ?? '', text: entry?.bodyText ?? '' };
}

const asked = 'What is the weather? [[tool: get_weather {"city":"Oslo"}]]';

for (const client of clients) {
  suite(`a client of ${client.name}`, () => {
    for (const { model, opaque, at } of origins) {
      // Chat Completions at its own provider shows no reasoning that could come back.
      if (client === chat && model === 'gpt-5.5') continue;
      test(`brings the reasoning of ${model} back to it within a step and over turns`, async () => {
        const question = client.ask(asked);
        const called = await turn(client, model, [question]);
        const step = [question, ...called, ...client.results(called)];
        const answered = await turn(client, model, step);
        assert.match(lastSent().text, opaque, 'the step goes on with its own reasoning');
        assert.ok(lastSent().path.includes(at.split(':')[0] ?? ''), lastSent().path);
        await turn(client, model, [...step, ...answered, client.ask('And tomorrow?')]);
      });

      for (const other of origins.filter((known) => known.model !== model)) {
        test(`goes on with ${other.model} after ${model}, and back`, async () => {
          const question = client.ask(asked);
          const called = await turn(client, model, [question]);
          const step = [question, ...called, ...client.results(called)];
          const first = [...step, ...(await turn(client, model, step))];
          const before = lastSent().text;
          const there = [...first, client.ask('And tomorrow?')];
          const answered = await turn(client, other.model, there);
          assert.ok(!lastSent().text.includes('qingzhouEnv'), 'no envelope of ours reaches a provider');
          assert.ok(!sharesOpaque(before, lastSent().text, opaque), 'nor what belongs to the first one');
          await turn(client, model, [...there, ...answered, client.ask('And then?')]);
          assert.ok(!lastSent().text.includes('qingzhouEnv'));
        });
      }
    }
  });
}

function sharesOpaque(before: string, after: string, opaque: RegExp): boolean {
  const value = opaque.exec(before)?.[0].split('"').at(-2) ?? '';
  return value.length > 20 && after.includes(value);
}

test('an envelope that was changed, or that another organization was given, is left out and named', async () => {
  const question = messages.ask('Think. [[say: yes]]');
  const [kept] = await turn(messages, 'gpt-5.5', [question]);
  const content = list(kept?.['content']).map((block) => {
    const key = block['signature'] === undefined ? 'data' : 'signature';
    const value = block[key];
    return typeof value === 'string' ? { ...block, [key]: `${value.slice(0, -8)}AAAAAAA=` } : block;
  });
  const history = [question, { role: 'assistant', content }, messages.ask('And?')];
  const { path, body } = messages.request('gpt-5.5', history);
  const response = await fetch(relay.url + path, {
    method: 'POST',
    headers: {
      'x-api-key': relay.key,
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
    },
    body: JSON.stringify(body),
  });
  assert.equal(response.status, 200);
  assert.match(response.headers.get('x-relay-warnings') ?? '', /reasoning_envelope_dropped/u);
  assert.ok(!/"type":"reasoning"/u.test(lastSent().text));
});

test('the same history goes upstream as the same bytes every time', async () => {
  const question = messages.ask(asked);
  const first = await turn(messages, 'gpt-5.5', [question]);
  const again = await turn(messages, 'gpt-5.5', [question]);
  assert.deepEqual(again, first);
});
