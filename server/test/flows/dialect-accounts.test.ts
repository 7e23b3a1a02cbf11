import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { NewAccount } from '../../src/control/add-account.ts';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { weatherSchema } from './samples.ts';

/** What an account says of its server, through the whole relay. */
const common = { kind: 'openai-compatible', credential: 'sk-test-0000000000', unpriced: 'free' } as const;

function accountsAt(url: string): readonly NewAccount[] {
  const at = (server: string): string => `${url}/dialects/${server}/v1`;
  return [
    { ...common, name: 'bare', baseUrl: at('perplexity'), models: ['bare'], options: {} },
    { ...common, name: 'named', baseUrl: at('vllm'), models: ['named'], options: { dialect: 'vllm' } },
    {
      ...common,
      name: 'demanding',
      baseUrl: at('perplexity'),
      models: ['demanding'],
      options: { quirks: 'single-system,alternating-turns,user-at-end' },
    },
    { ...common, name: 'zhipu', preset: 'zhipu', baseUrl: at('zhipu'), models: ['glm-5.3'], options: {} },
    {
      ...common,
      name: 'moonshot',
      preset: 'moonshot',
      baseUrl: at('moonshot'),
      models: ['kimi-k3'],
      options: {},
    },
    {
      ...common,
      name: 'xai',
      preset: 'xai',
      baseUrl: `${url}/v1`,
      models: ['gpt-4.1-mini'],
      options: { wires: 'all' },
    },
  ];
}

let relay: BootedRelay;
before(async () => {
  relay = await bootRelay({ accounts: accountsAt });
});
after(() => relay[Symbol.asyncDispose]());

function post(path: string, body: object): Promise<Response> {
  return fetch(relay.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${relay.key}` },
    body: JSON.stringify(body),
  });
}

const user = { role: 'user', content: '[[say:yes]]' };
const system = { role: 'system', content: 'Be brief.' };
const chat = (model: string, messages: readonly object[]) =>
  post('/v1/chat/completions', { model, messages });

suite('what an account says of its server', () => {
  test('a server nobody described gets the body as it came', async () => {
    const response = await chat('bare', [system, user, user]);
    assert.equal(response.status, 400);
    assert.match(await response.text(), /should alternate/);
  });

  test('its demands can be named one by one', async () => {
    const response = await chat('demanding', [
      system,
      system,
      user,
      user,
      { role: 'assistant', content: 'So' },
    ]);
    assert.equal(response.status, 200, await response.text());
  });

  test('its dialect can be named', async () => {
    const response = await chat('named', [
      system,
      user,
      { role: 'assistant', content: 'Well' },
      system,
      user,
    ]);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('x-relay-warnings'), 'system_turn_wrapped');
  });

  test('what the server cannot do is named to the client', async () => {
    const response = await post('/v1/messages', {
      model: 'glm-5.3',
      max_tokens: 500,
      stop_sequences: ['END', 'STOP'],
      messages: [{ role: 'user', content: '[[say:{"city":"Paris"}]]' }],
      output_config: { format: { type: 'json_schema', schema: weatherSchema } },
    });
    assert.equal(response.status, 200, await response.clone().text());
    assert.match(response.headers.get('x-relay-warnings') ?? '', /schema_by_instruction/);
  });

  test("the server's refusal reaches a client of another protocol in its own words", async () => {
    const response = await chat('kimi-k3', [user, { role: 'tool', tool_call_id: 'nowhere', content: '1' }]);
    assert.equal(response.status, 400);
    const { error } = (await response.json()) as { readonly error: { readonly message: string } };
    assert.match(error.message, /tool_call_id nowhere is not found/);
  });

  test('another wire of the same provider is passed through where the account asks for it', async () => {
    const before = relay.simulator.requests.length;
    const response = await post('/v1/responses', {
      model: 'gpt-4.1-mini',
      input: '[[say:yes]]',
      store: false,
    });
    assert.equal(response.status, 200, await response.clone().text());
    assert.deepEqual(
      relay.simulator.requests.slice(before).map(({ path }) => path),
      ['/v1/responses'],
    );
  });
});
