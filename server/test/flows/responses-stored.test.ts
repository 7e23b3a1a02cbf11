import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import OpenAI, { BadRequestError, NotFoundError } from 'openai';
import type { CallId, OrganizationId } from '../../src/domain/ids.ts';
import { keptIdsFor } from '../../src/relay/kept-ids.ts';
import { bootRelay, type BootedRelay } from './boot-relay.ts';

/** What a provider keeps of its answers, reached through ids that say themselves which account that is. */
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

async function accountOf(callId: string | null): Promise<string | undefined> {
  const { store, organizationId } = relay.workspace;
  const call = await store.findCall(organizationId, callId as CallId);
  return call?.attempts.at(-1)?.accountId;
}

/** Puts the account at the end of its pool, so that only the id leads to it. */
async function makeLast(accountId: string): Promise<void> {
  const { health } = relay.app.relay;
  for (let at = 0; at < 3; at += 1) health.begin(accountId as never);
}

suite('a stored response', () => {
  test('is continued, read, listed and removed at the account that keeps it, wherever other calls go', async () => {
    const first = await openai.responses
      .create({ model, input: '[[tool: get_weather {"city":"Oslo"}]]', tools: [weather] })
      .withResponse();
    const { data } = first;
    const keeper = await accountOf(first.response.headers.get('x-relay-call-id'));
    assert.ok(keeper !== undefined);
    await makeLast(keeper);
    const other = await openai.responses.create({ model, input: 'Hello!' }).withResponse();
    assert.notEqual(await accountOf(other.response.headers.get('x-relay-call-id')), keeper);

    const call = data.output.find((item) => item.type === 'function_call');
    const second = await openai.responses
      .create({
        model,
        previous_response_id: data.id,
        input: [{ type: 'function_call_output', call_id: call?.call_id ?? '', output: 'sunny' }],
        tools: [weather],
      })
      .withResponse();
    assert.match(second.data.output_text, /sunny/u);
    assert.equal(second.data.previous_response_id, data.id);
    assert.equal(await accountOf(second.response.headers.get('x-relay-call-id')), keeper);

    const read = await openai.responses.retrieve(second.data.id).withResponse();
    assert.equal(read.data.id, second.data.id);
    assert.equal(read.data.previous_response_id, data.id);
    assert.deepEqual(read.data.output, second.data.output);
    const items = await openai.responses.inputItems.list(second.data.id, { order: 'asc' });
    assert.ok(items.data.length > 0);
    await openai.responses.delete(data.id);
    await assert.rejects(openai.responses.retrieve(data.id), (error) => {
      assert.ok(error instanceof NotFoundError);
      assert.equal(error.code, 'response_not_found');
      return true;
    });
    assert.equal((await openai.responses.retrieve(second.data.id)).id, second.data.id);
  });

  test('costs nothing to look at, and every look is a call of its own with its record', async () => {
    const created = await openai.responses.create({ model, input: 'Keep this.' });
    const { response } = await openai.responses.retrieve(created.id).withResponse();
    const callId = response.headers.get('x-relay-call-id') as CallId;
    const call = await relay.workspace.store.findCall(relay.workspace.organizationId, callId);
    assert.equal(call?.outcome, 'success');
    assert.equal(call.charge, 0n);
    assert.equal(call.usage.output, 0);
  });

  test('has the same id in every event of its stream, and can be continued by it', async () => {
    const stream = await openai.responses.create({ model, input: '[[say:one two]]', stream: true });
    const ids = new Set<string>();
    let text = '';
    for await (const event of stream) {
      if ('response' in event) ids.add(event.response.id);
      if (event.type === 'response.output_text.delta') text += event.delta;
    }
    assert.equal(text, 'one two');
    const [id = ''] = ids;
    assert.equal(ids.size, 1);
    assert.match(id, /^resp_qz/u);
    const next = await openai.responses.create({ model, previous_response_id: id, input: 'And?' });
    assert.equal(next.previous_response_id, id);
  });

  test('that is not kept goes through byte for byte', async () => {
    const stream = await openai.responses.create({ model, input: 'Hi', store: false, stream: true });
    for await (const event of stream) {
      if ('response' in event) assert.doesNotMatch(event.response.id, /^resp_qz/u);
    }
  });
});

suite('an id that leads nowhere', () => {
  const refusals: readonly (readonly [string, () => string])[] = [
    ['made up', () => 'resp_0123456789abcdef'],
    ['sealed for another organization', () => foreignId('org_OTHER')],
    ['of an account that is gone', () => foreignId(relay.workspace.organizationId)],
  ];
  for (const [name, idOf] of refusals) {
    test(`${name} is refused before any upstream is asked`, async () => {
      const before = relay.simulator.control.stats().requests;
      const id = idOf();
      await assert.rejects(openai.responses.retrieve(id), NotFoundError);
      await assert.rejects(
        openai.responses.create({ model, previous_response_id: id, input: 'x' }),
        (error) => {
          assert.ok(error instanceof BadRequestError);
          assert.equal(error.code, 'previous_response_not_found');
          assert.equal(error.param, 'previous_response_id');
          return true;
        },
      );
      assert.equal(relay.simulator.control.stats().requests, before);
    });
  }

  test('is what the answer of a model behind another protocol has', async () => {
    const answer = await openai.responses.create({
      model: 'claude-sonnet-4-5',
      input: 'Hello!',
      store: true,
    });
    await assert.rejects(
      openai.responses.create({ model: 'claude-sonnet-4-5', previous_response_id: answer.id, input: 'And?' }),
      (error) => error instanceof BadRequestError && error.code === 'previous_response_not_found',
    );
  });

  test('is every conversation, because conversations are not kept for callers here', async () => {
    await assert.rejects(openai.responses.create({ model, conversation: 'conv_123', input: 'x' }), {
      status: 400,
      code: 'previous_response_not_found',
    });
  });
});

test('an account that forgot a response stays in service', async () => {
  const created = await openai.responses.create({ model, input: 'Keep this.' });
  relay.simulator.control.reset();
  await assert.rejects(openai.responses.retrieve(created.id), NotFoundError);
  await assert.rejects(
    openai.responses.create({ model, previous_response_id: created.id, input: 'x' }),
    (error) => {
      assert.ok(error instanceof BadRequestError);
      assert.ok(error.message.includes(created.id), 'the upstream id is not told');
      return true;
    },
  );
  assert.ok((await openai.responses.create({ model, input: 'Hello!' })).output_text.length > 0);
});

test('a key that may not use the model may not see what it answered', async () => {
  const created = await openai.responses.create({ model, input: 'Keep this.' });
  const key = await relay.newKey({ allowedModels: ['none-of-these'] });
  await relay.app.reload();
  const limited = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: key, maxRetries: 0 });
  await assert.rejects(limited.responses.retrieve(created.id), { status: 403 });
});

test('input is counted by the provider itself', async () => {
  const counted = await openai.responses.inputTokens.count({ model, input: 'What is two and two?' });
  assert.equal(counted.object, 'response.input_tokens');
  assert.ok(counted.input_tokens > 3);
});

const weather: OpenAI.Responses.FunctionTool = {
  type: 'function',
  name: 'get_weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
  strict: false,
};

function foreignId(organizationId: string): string {
  const kept = keptIdsFor(relay.workspace.envelopes, organizationId as OrganizationId);
  return kept.toClient({ accountId: 'acct_GONE' as never, model, upstreamId: 'resp_0123456789abcdef' });
}
