import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { authorizerOf } from '../../src/relay/open-connection.ts';
import { probeAccount } from '../../src/control/probe-account.ts';
import type { CallId } from '../../src/domain/ids.ts';
import { findUpstreamKind } from '../../src/upstreams/registry.ts';
import { bedrockAccounts } from './bedrock-accounts.ts';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { eventually } from './eventually.ts';
import { weatherSchema } from './samples.ts';

/** Counting, prices, caches, failures and what Bedrock does not take; the simulator refuses what AWS would. */
let relay: BootedRelay;
let openai: OpenAI;
let anthropic: Anthropic;

before(async () => {
  relay = await bootRelay({ accounts: bedrockAccounts });
  openai = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: relay.key, maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: relay.url, apiKey: relay.key, maxRetries: 0 });
});
after(() => relay[Symbol.asyncDispose]());

function textOf(message: Anthropic.Message): string {
  return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

suite('the rest of a call on Bedrock', () => {
  test('tokens are counted by Bedrock itself', async () => {
    const counted = await anthropic.messages.countTokens({
      model: 'claude-sonnet-4-5',
      messages: [{ role: 'user', content: 'one two three' }],
      system: 'Be kind.',
    });
    assert.ok(counted.input_tokens > 3);
    assert.match(
      relay.simulator.requests.at(-1)?.path ?? '',
      /anthropic\.claude-sonnet-4-5-20250929-v1%3A0\/count-tokens$/,
    );
  });

  test('tokens are counted for clients of other protocols too, and estimated where Bedrock counts none', async () => {
    const google = new GoogleGenAI({ apiKey: relay.key, httpOptions: { baseUrl: relay.url } });
    const counted = await google.models.countTokens({
      model: 'claude-sonnet-4-5',
      contents: 'one two three',
    });
    assert.ok((counted.totalTokens ?? 0) >= 3);
    assert.match(relay.simulator.requests.at(-1)?.path ?? '', /count-tokens$/);
    const before = relay.simulator.requests.length;
    const estimated = await anthropic.messages.countTokens({
      model: 'us.amazon.nova-lite-v1:0',
      messages: [{ role: 'user', content: 'one two three' }],
    });
    assert.ok(estimated.input_tokens >= 3);
    assert.equal(relay.simulator.requests.length, before);
  });

  test('a profile is charged at the price of the model behind it, a regional one with its surcharge', async () => {
    const costOf = async (model: string): Promise<bigint> => {
      const { data, response } = await anthropic.messages
        .create({ model, max_tokens: 50, messages: [{ role: 'user', content: '[[say:hi]]' }] })
        .withResponse();
      assert.equal(textOf(data), 'hi');
      const { store, organizationId, prices } = relay.workspace;
      const callId = response.headers.get('x-relay-call-id') as CallId;
      const call = await store.findCall(organizationId, callId);
      assert.ok(prices.byId(call?.priceVersionId ?? '') !== undefined);
      return call?.cost ?? 0n;
    };
    assert.ok((await costOf('claude-haiku-4-5')) > 0n);
    const anywhere = await costOf('global.anthropic.claude-opus-4-8');
    assert.ok(anywhere > 0n);
    assert.equal((await costOf('us.anthropic.claude-opus-4-8')) * 10n, anywhere * 11n);
  });

  test('an output schema is held by the model, or asked for in words', async () => {
    for (const model of ['openai.gpt-oss-120b-1:0', 'us.amazon.nova-lite-v1:0', 'claude-sonnet-4-5']) {
      const { data, response } = await openai.chat.completions
        .create({
          model,
          messages: [
            { role: 'user', content: model.includes('nova') ? '[[say:{"city":"Rome"}]]' : 'A city?' },
          ],
          response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { ...weatherSchema } } },
        })
        .withResponse();
      const parsed = JSON.parse(data.choices[0]?.message.content ?? '') as { readonly city: unknown };
      assert.equal(typeof parsed.city, 'string');
      const isWeakened = response.headers.get('x-relay-warnings')?.includes('schema_by_instruction') === true;
      assert.equal(isWeakened, model.includes('nova'));
    }
  });

  test('a cached prompt is told in the classes of the client', async () => {
    const system = [
      {
        type: 'text' as const,
        text: 'Remember this. '.repeat(600),
        cache_control: { type: 'ephemeral' as const },
      },
    ];
    const ask = (model: string): Promise<Anthropic.Message> =>
      anthropic.messages.create({
        model,
        max_tokens: 50,
        system,
        messages: [{ role: 'user', content: '[[say:hi]]' }],
      });
    for (const model of ['claude-sonnet-4-5', 'us.amazon.nova-lite-v1:0']) {
      const first = await ask(model);
      const second = await ask(model);
      assert.ok((first.usage.cache_creation_input_tokens ?? 0) > 1000, model);
      assert.equal(second.usage.cache_read_input_tokens, first.usage.cache_creation_input_tokens, model);
    }
  });

  test('failures come in the words of the client, whole and inside a stream', async () => {
    for (const model of ['claude-sonnet-4-5', 'us.amazon.nova-lite-v1:0']) {
      await assert.rejects(
        anthropic.messages.create({
          model,
          max_tokens: 50,
          messages: [{ role: 'user', content: '[[fault:424]]' }],
        }),
        (error: unknown) => error instanceof Anthropic.APIError && error.status === 502,
      );
      relay.app.relay.health.reset((await relay.workspace.store.loadAccounts())[0]!.id);
      await assert.rejects(
        openai.chat.completions.create({
          model,
          max_tokens: 900_000,
          messages: [{ role: 'user', content: 'Hi' }],
          temperature: 1,
          stop: ['a'],
          reasoning_effort: 'high',
          ...(model.includes('nova') ? {} : { max_tokens: 1, reasoning_effort: 'none' }),
          tools: [
            {
              type: 'function',
              function: { name: 'a'.repeat(3), parameters: { type: 'object' }, description: '' },
            },
          ],
          tool_choice: { type: 'function', function: { name: 'missing' } },
        }),
        (error: unknown) => error instanceof OpenAI.APIError && error.status === 400,
      );
      const stream = anthropic.messages.stream({
        model,
        max_tokens: 500,
        messages: [{ role: 'user', content: '[[tokens:60]] [[fault:overloaded-mid-stream after-frames=9]]' }],
      });
      await assert.rejects(stream.finalMessage(), /overloaded|unable to process/i);
      for (const fault of [
        'truncated-json after-frames=12',
        'garbage after-frames=12',
        'reset-mid-stream after-frames=12',
      ]) {
        const broken = openai.chat.completions.stream({
          model,
          messages: [{ role: 'user', content: `[[tokens:60]] [[fault:${fault}]]` }],
        });
        await assert.rejects(broken.finalChatCompletion(), fault);
        relay.app.relay.health.reset((await relay.workspace.store.loadAccounts())[0]!.id);
      }
    }
  });

  test('a client that leaves ends the stream at Bedrock', async () => {
    const stream = anthropic.messages.stream({
      model: 'us.amazon.nova-lite-v1:0',
      max_tokens: 500,
      messages: [{ role: 'user', content: '[[tokens:90]] [[fault:stall-mid-stream after-frames=20]]' }],
    });
    await new Promise<void>((resolve) => void stream.on('text', () => resolve()));
    stream.abort();
    await assert.rejects(stream.finalMessage());
    await eventually(() => assert.equal(relay.simulator.openStreams(), 0));
  });
});

suite('connecting an account', () => {
  const probe = (credential: string): ReturnType<typeof probeAccount> => {
    const settings = { baseUrl: relay.simulator.url, credential, options: { region: 'us-east-1' } };
    const kind = findUpstreamKind('bedrock');
    assert.ok(kind !== undefined);
    const authorizer = authorizerOf({ kind, settings }, relay.workspace);
    return probeAccount(
      { kind, settings, ...(authorizer === undefined ? {} : { authorizer }) },
      { client: relay.workspace.client, connectTimeoutMs: 1_000, totalTimeoutMs: 5_000 },
    );
  };

  test('proves its credential and lists what can be called', async () => {
    for (const credential of ['ABSKsimulated0001', 'AKIASIMULATED0001:simulated/AKIASIMULATED0001']) {
      const result = await probe(credential);
      assert.ok(result.isReachable);
      assert.ok(result.models.includes('amazon.nova-lite-v1:0'));
      assert.ok(result.models.includes('us.anthropic.claude-opus-4-8'));
    }
    assert.equal((await probe('AKIASIMULATED0001:wrong')).isReachable, false);
    assert.equal((await probe('not-a-key')).isReachable, false);
  });
});

suite('what Bedrock does not take', () => {
  const ask = (options: { readonly betas?: string; readonly body?: object }): Promise<Response> =>
    fetch(`${relay.url}/v1/messages`, {
      method: 'POST',
      headers: {
        'x-api-key': relay.key,
        'anthropic-version': '2023-06-01',
        ...(options.betas === undefined ? {} : { 'anthropic-beta': options.betas }),
      },
      body: JSON.stringify({
        model: 'claude-sonnet-4-5',
        max_tokens: 50,
        messages: [{ role: 'user', content: '[[say:hi]]' }],
        ...options.body,
      }),
    });
  const sent = (): Record<string, unknown> =>
    JSON.parse(relay.simulator.requests.at(-1)?.bodyText ?? '{}') as Record<string, unknown>;

  test('betas: those it knows travel in the body, the others are left out and named (coder/aibridge#221, vercel/ai e5c4f40)', async () => {
    const answer = await ask({
      betas: 'claude-code-20250219,interleaved-thinking-2025-05-14,prompt-caching-scope-2026-01-05',
    });
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('x-relay-warnings') ?? '', /beta_dropped/);
    assert.deepEqual(sent()['anthropic_beta'], ['interleaved-thinking-2025-05-14']);
    const silent = await ask({});
    assert.equal(silent.headers.get('x-relay-warnings'), null);
    assert.ok(!('anthropic_beta' in sent()));
  });

  test('fields of its own: hints vanish, what changes the answer is named, what is relied upon is refused', async () => {
    const hinted = await ask({
      body: { cache_control: { type: 'ephemeral' }, metadata: { user_id: 'u' }, speed: 'standard' },
    });
    assert.deepEqual([hinted.status, hinted.headers.get('x-relay-warnings')], [200, null]);
    const weakened = await ask({ body: { speed: 'fast', service_tier: 'auto' } });
    assert.deepEqual([weakened.status, weakened.headers.get('x-relay-warnings')], [200, 'speed_dropped']);
    const before = relay.simulator.requests.length;
    const refused = await ask({
      body: { mcp_servers: [{ type: 'url', url: 'https://example.com', name: 'x' }] },
      betas: 'mcp-client-2025-11-20',
    });
    assert.equal(refused.status, 400);
    assert.equal(relay.simulator.requests.length, before);
  });

  test('media by address are refused by name before Bedrock is asked', async () => {
    const source = { type: 'url', url: 'https://example.com/a.png' };
    const before = relay.simulator.requests.length;
    const passed = await ask({
      body: { messages: [{ role: 'user', content: [{ type: 'image', source }] }] },
    });
    assert.equal(passed.status, 400);
    assert.match(await passed.text(), /media_address_refused/);
    for (const model of ['claude-sonnet-4-5', 'us.amazon.nova-lite-v1:0']) {
      const content = [{ type: 'image_url' as const, image_url: { url: source.url } }];
      await assert.rejects(
        openai.chat.completions.create({ model, messages: [{ role: 'user', content }] }),
        /media_address_refused/,
      );
    }
    assert.equal(relay.simulator.requests.length, before);
  });

  test('a tool whose schema speaks of addresses is nothing of the kind', async () => {
    const properties = { source: { type: 'url' }, url: { type: 'string' } };
    const tools = [{ name: 'fetch', input_schema: { type: 'object', properties } }];
    assert.equal((await ask({ body: { tools } })).status, 200);
  });
});
