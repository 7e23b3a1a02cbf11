import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NewAccount } from '../../src/control/add-account.ts';
import type { CallId } from '../../src/domain/ids.ts';
import type { CallRecord } from '../../src/ledger/call-record.ts';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { ask, wireClients, type WireAnswer } from './wire-clients.ts';

const firstCredential = 'sk-ant-first-0000000000';
const secondCredential = 'sk-ant-second-0000000000';

function twoAccounts(url: string): readonly NewAccount[] {
  return [
    { name: 'first', kind: 'anthropic', credential: firstCredential, baseUrl: url, priority: 1 },
    { name: 'second', kind: 'anthropic', credential: secondCredential, baseUrl: url, priority: 2 },
  ];
}

const messages = wireClients.find(({ name }) => name === 'messages')!;

async function callOf(relay: BootedRelay, answer: WireAnswer): Promise<CallRecord> {
  const callId = answer.headers.get('x-relay-call-id') as CallId;
  const call = await relay.workspace.store.findCall(relay.workspace.organizationId, callId);
  assert.ok(call);
  return call;
}

const recoverable = [
  '429 retry-after-s=60',
  '500',
  '503',
  '529',
  '401',
  '402',
  '404',
  'reset-before-headers',
  'empty-content',
  'html-page',
  'overloaded-before-content',
  'stall-before-headers',
];

for (const isStream of [false, true]) {
  for (const fault of recoverable) {
    test(`after ${fault} the next account answers a ${isStream ? 'streamed' : 'whole'} call, and only it is charged`, async () => {
      await using relay = await bootRelay({
        accounts: twoAccounts,
        env: { QINGZHOU_FIRST_BYTE_TIMEOUT: '300ms' },
      });
      relay.simulator.control.setFaults({ rate: 1, faults: [fault] }, firstCredential);
      const answer = await ask(relay, messages, { prompt: '[[say:from the second]]', isStream });
      assert.equal(answer.status, 200);
      assert.match(answer.text, /second/);
      const call = await callOf(relay, answer);
      assert.equal(call.attempts.length, 2);
      assert.notEqual(call.attempts[0]?.result, 'delivered');
      assert.equal(call.attempts[1]?.result, 'delivered');
      assert.ok(call.charge > 0n);
      assert.equal(call.charge, call.attempts[1]?.cost);
    });
  }
}

test('a refused request is not tried again elsewhere', async () => {
  await using relay = await bootRelay({ accounts: twoAccounts });
  relay.simulator.control.setFaults({ rate: 1, faults: ['400'] }, firstCredential);
  const answer = await ask(relay, messages, { prompt: 'Hello!', isStream: false });
  assert.equal(answer.status, 400);
  assert.equal((await callOf(relay, answer)).attempts.length, 1);
});

test('an account that is cooling is passed over without being asked', async () => {
  await using relay = await bootRelay({ accounts: twoAccounts });
  relay.simulator.control.setFaults({ rate: 1, faults: ['429 retry-after-s=60'] }, firstCredential);
  await ask(relay, messages, { prompt: 'Hello!', isStream: false });
  const answer = await ask(relay, messages, { prompt: 'Hello!', isStream: false });
  assert.equal((await callOf(relay, answer)).attempts.length, 1);
});

test('when all accounts are limited for longer than a call may wait, the client is told the soonest return', async () => {
  await using relay = await bootRelay({ accounts: twoAccounts });
  relay.simulator.control.setFaults({ rate: 1, faults: ['429 retry-after-s=90'] }, firstCredential);
  relay.simulator.control.setFaults({ rate: 1, faults: ['429 retry-after-s=60'] }, secondCredential);
  const answer = await ask(relay, messages, { prompt: 'Hello!', isStream: false });
  assert.equal(answer.status, 429);
  const retryAfter = Number(answer.headers.get('retry-after'));
  assert.ok(retryAfter > 50 && retryAfter <= 60, `retry-after ${retryAfter}`);
});

test('when all accounts are limited for a moment, the call waits for the first that returns', async () => {
  await using relay = await bootRelay({ accounts: twoAccounts });
  relay.simulator.control.setFaults({ script: ['429 retry-after-s=1'] }, firstCredential);
  relay.simulator.control.setFaults({ script: ['429 retry-after-s=2'] }, secondCredential);
  const answer = await ask(relay, messages, { prompt: '[[say:patience]]', isStream: false });
  assert.equal(answer.status, 200);
  assert.match(answer.text, /patience/);
});

test('after the commit point no other account is asked', async () => {
  await using relay = await bootRelay({ accounts: twoAccounts, simulator: { pace: 3 } });
  relay.simulator.control.setFaults(
    { rate: 1, faults: ['reset-mid-stream after-frames=8'] },
    firstCredential,
  );
  const answer = await ask(relay, messages, { prompt: '[[tokens:50]]', isStream: true });
  assert.match(answer.text, /event: error/);
  const call = await callOf(relay, answer);
  assert.equal(call.attempts.length, 1);
  // What went in was reported at the start; what came out is counted from what was delivered.
  assert.equal(call.usageSource, 'estimated');
  assert.ok(call.usage.output >= 4 && call.usage.output < 50);
});

test('a caller can turn failover off for a call', async () => {
  await using relay = await bootRelay({ accounts: twoAccounts });
  relay.simulator.control.setFaults({ rate: 1, faults: ['500'] }, firstCredential);
  const response = await fetch(`${relay.url}/v1/messages`, {
    method: 'POST',
    headers: { ...messages.headers(relay.key), 'x-relay-route': 'sort=price; fallback=off' },
    body: messages.body('Hello!', false),
  });
  assert.ok(response.status >= 500);
  assert.equal(relay.simulator.control.stats().requests, 1);
});
