import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import OpenAI from 'openai';
import type { CallRecord } from '../../src/ledger/call-record.ts';
import type { CallId } from '../../src/domain/ids.ts';
import { bootRelay, type BootedRelay, type BootOptions } from './boot-relay.ts';
import { eventually } from './eventually.ts';

/** Background answers of Responses: told at once, followed to their end, charged for what they used. */
const model = 'gpt-5.5';

const boot = (env: BootOptions['env'] = {}): Promise<BootedRelay> =>
  bootRelay({
    env,
    accounts: (url) => [
      { name: 'openai', kind: 'openai', credential: 'sk-one-000000000000', baseUrl: `${url}/v1` },
    ],
  });

const clientOf = (relay: BootedRelay): OpenAI =>
  new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: relay.key, maxRetries: 0 });

interface Asked {
  readonly id: string;
  readonly callId: CallId;
  readonly hasCharge: boolean;
}

async function ask(openai: OpenAI, input: string, maxOutputTokens?: number): Promise<Asked> {
  const { data, response } = await openai.responses
    .create({
      model,
      input,
      background: true,
      ...(maxOutputTokens === undefined ? {} : { max_output_tokens: maxOutputTokens }),
    })
    .withResponse();
  assert.equal(data.status, 'queued');
  return {
    id: data.id,
    callId: response.headers.get('x-relay-call-id') as CallId,
    hasCharge: response.headers.has('x-relay-charge-usd'),
  };
}

async function settledCall({ workspace }: BootedRelay, callId: CallId): Promise<CallRecord> {
  let found: CallRecord | undefined;
  await eventually(async () => {
    const call = await workspace.store.findCall(workspace.organizationId, callId);
    assert.ok(call !== undefined, 'the call is not settled');
    assert.notEqual(call.outcome, 'relay-died');
    found = call;
  });
  return found!;
}

suite('a background response', () => {
  let relay: BootedRelay;
  let openai: OpenAI;
  before(async () => {
    relay = await boot();
    openai = clientOf(relay);
  });
  after(() => relay[Symbol.asyncDispose]());

  test('is charged for what it used when it is over, not before and not by its limit', async () => {
    const asked = await ask(openai, '[[later: 700]] [[tokens: 40]]', 5_000);
    assert.equal(asked.hasCharge, false);
    assert.equal((await openai.responses.retrieve(asked.id)).status, 'in_progress');
    const { organizationId, store } = relay.workspace;
    assert.equal(await store.findCall(organizationId, asked.callId), undefined);
    const call = await settledCall(relay, asked.callId);
    const done = await openai.responses.retrieve(asked.id);
    assert.equal(done.status, 'completed');
    assert.equal(call.usageSource, 'reported');
    assert.equal(call.usage.output, done.usage?.output_tokens);
    assert.equal(call.usage.reasoning, done.usage?.output_tokens_details.reasoning_tokens);
    assert.equal(call.outcome, 'success');
    assert.ok(call.charge > 0n);
    assert.deepEqual(call.flags, []);
    assert.equal(relay.app.data.openCalls(), 0);
  });

  test('that was cancelled is charged for its input and what was seen of its output', async () => {
    const asked = await ask(openai, '[[later: 60000]] [[tokens: 40]]');
    assert.equal((await openai.responses.cancel(asked.id)).status, 'cancelled');
    const call = await settledCall(relay, asked.callId);
    assert.equal(call.usageSource, 'estimated');
    assert.equal(call.usage.output, 0);
    assert.ok(call.usage.input > 0);
  });

  test('that failed is a fault of the upstream, charged by the usage it tells', async () => {
    const asked = await ask(openai, '[[later: 100 failed]] [[tokens: 40]]');
    const call = await settledCall(relay, asked.callId);
    const done = await openai.responses.retrieve(asked.id);
    assert.equal(done.status, 'failed');
    assert.equal(call.outcome, 'upstream-fault');
    assert.equal(call.usageSource, 'reported');
    assert.equal(call.usage.output, done.usage?.output_tokens);
  });

  test('that was removed before its end is estimated by experience, never by its limit', async () => {
    const asked = await ask(openai, '[[later: 60000]]');
    await openai.responses.delete(asked.id);
    const call = await settledCall(relay, asked.callId);
    assert.equal(call.usageSource, 'estimated');
    assert.equal(call.usage.output, 1_024);
    assert.ok(call.flags.includes('background-unfinished'));
  });

  test('that the client stopped reading as a stream is followed to its end all the same', async () => {
    relay.simulator.control.reset();
    const { data: stream, response } = await openai.responses
      .create({
        model,
        input: '[[tokens: 400]]',
        background: true,
        stream: true,
      })
      .withResponse();
    let id = '';
    for await (const event of stream) {
      if (event.type === 'response.created') ({ id } = event.response);
      if (event.type === 'response.output_text.delta') break;
    }
    const call = await settledCall(relay, response.headers.get('x-relay-call-id') as CallId);
    const done = await openai.responses.retrieve(id);
    assert.equal(call.usageSource, 'reported');
    assert.equal(call.usage.output, done.usage?.output_tokens);
  });

  test('is looked at again after a look that failed', async () => {
    const asked = await ask(openai, '[[later: 100]] [[tokens: 20]]');
    relay.simulator.control.setFaults({ script: ['503'] });
    const call = await settledCall(relay, asked.callId);
    assert.equal(call.usageSource, 'reported');
    assert.ok(call.usage.output >= 20);
  });
});

test('a background response that outlasts its call is estimated by experience and flagged', async () => {
  await using relay = await boot({ QINGZHOU_TOTAL_TIMEOUT: '1s' });
  const asked = await ask(clientOf(relay), '[[later: 60000]]', 300);
  const call = await settledCall(relay, asked.callId);
  assert.equal(call.usageSource, 'estimated');
  assert.equal(call.usage.output, 300);
  assert.ok(call.flags.includes('background-unfinished'));
});

test('a relay that stops takes a last look at what it follows, and leaves nothing open', async () => {
  await using relay = await boot();
  const openai = clientOf(relay);
  const long = await ask(openai, '[[later: 60000]]');
  await relay.app.close(50);
  const { organizationId, store } = relay.workspace;
  const call = await store.findCall(organizationId, long.callId);
  assert.equal(call?.usage.output, 1_024);
  assert.ok(call.flags.includes('background-unfinished'));
  assert.equal(relay.app.relay.wallets.available(organizationId), undefined);
  assert.equal(relay.app.data.openCalls(), 0);
});
