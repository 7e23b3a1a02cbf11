import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { CallId } from '../../src/domain/ids.ts';
import type { CallRecord } from '../../src/ledger/call-record.ts';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { eventually } from './eventually.ts';
import { ask, wireClients, type WireAnswer, type WireClient } from './wire-clients.ts';

/**
 * Every fault an upstream can have, met by a relay with one account a kind, whole and streamed, in every protocol. What the
 * client sees and what is charged is the policy's (docs/policies.md, sections 1 and 4).
 */
interface FaultCase {
  readonly fault: string;
  /** What the client must get for a unary call. */
  readonly unary: Outcome;
  readonly stream: Outcome;
}

/**
 * `status`: an error answer with one of these statuses, nothing charged. `broken`: the answer had begun, so an error event
 * ends it and what was delivered is charged by estimate. `fine`: an answer like any other.
 */
type Outcome =
  | { readonly type: 'status'; readonly statuses: readonly number[] }
  | { readonly type: 'broken' }
  | { readonly type: 'fine'; readonly flag?: string };

const status = (...statuses: readonly number[]): Outcome => ({ type: 'status', statuses });
const both = (fault: string, outcome: Outcome): FaultCase => ({ fault, unary: outcome, stream: outcome });
const broken: Outcome = { type: 'broken' };
const fine: Outcome = { type: 'fine' };

const cases: readonly FaultCase[] = [
  both('400', status(400)),
  both('401', status(503, 529)),
  both('402', status(503, 529)),
  both('403', status(503, 529)),
  both('404', status(404)),
  both('413', status(413, 400)),
  both('422', status(422, 400)),
  both('429 retry-after-s=30', status(429)),
  both('500', status(500, 502, 503)),
  both('502', status(500, 502, 503)),
  both('503', status(503, 529)),
  both('504', status(503, 504, 529)),
  both('529', status(503, 529)),
  both('reset-before-headers', status(500, 502, 503)),
  both('reset-mid-headers', status(500, 502, 503)),
  { fault: 'reset-mid-stream after-frames=8', unary: status(500, 502, 503), stream: broken },
  both('stall-before-headers', status(504, 503)),
  { fault: 'stall-mid-stream after-frames=8', unary: status(504, 503), stream: broken },
  both('slow-first-byte delay-ms=50', fine),
  { fault: 'truncated-json after-frames=8', unary: status(500, 502, 503), stream: broken },
  both('garbage', status(500, 502, 503)),
  both('html-page status=200', status(500, 502, 503)),
  both('empty-body', status(500, 502, 503)),
  both('empty-content', status(500, 502, 503)),
  { fault: 'overloaded-before-content', unary: status(503, 529), stream: status(503, 529) },
  { fault: 'overloaded-mid-stream after-frames=8', unary: status(503, 529), stream: broken },
  both('missing-usage', { type: 'fine', flag: 'estimated' }),
  both('zero-usage', fine),
  both('negative-usage', fine),
  both('huge-usage', fine),
  both('shrinking-usage', fine),
];

let relay: BootedRelay;

before(async () => {
  relay = await bootRelay({
    // Slow enough that tokens travel one by one: what arrives together with the fault was never delivered.
    simulator: { pace: 3 },
    env: { QINGZHOU_FIRST_BYTE_TIMEOUT: '400ms', QINGZHOU_IDLE_TIMEOUT: '400ms' },
  });
});
after(() => relay[Symbol.asyncDispose]());
afterEach(() => {
  for (const account of relay.app.relay.table().accounts) relay.app.relay.health.reset(account.record.id);
});

for (const client of wireClients) {
  for (const { fault, unary, stream } of cases) {
    test(`${client.name}, whole, ${fault}: ${describe(unary)}`, () =>
      check(client, fault, { isStream: false, outcome: unary }));
    test(`${client.name}, streamed, ${fault}: ${describe(stream)}`, () =>
      check(client, fault, { isStream: true, outcome: stream }));
  }
}

function describe(outcome: Outcome): string {
  if (outcome.type === 'status') return `the client gets ${outcome.statuses.join(' or ')} and pays nothing`;
  return outcome.type === 'broken' ? 'an error event ends the stream' : 'the client gets its answer';
}

async function check(
  client: WireClient,
  fault: string,
  expected: { isStream: boolean; outcome: Outcome },
): Promise<void> {
  const prompt = `[[say:one two three four five six seven eight nine ten]] [[fault:${fault}]]`;
  const answer = await ask(relay, client, { prompt, isStream: expected.isStream });
  const call = await findCall(answer);
  assert.equal(answer.isCut, false, 'the answer must end in order');
  switch (expected.outcome.type) {
    case 'status':
      assert.ok(expected.outcome.statuses.includes(answer.status), `status ${answer.status}: ${answer.text}`);
      assert.ok(client.isErrorBody(JSON.parse(answer.text), answer.status), answer.text);
      assert.equal(call.charge, 0n);
      assert.equal(call.outcome, 'failed');
      break;
    case 'broken':
      assert.equal(answer.status, 200);
      assert.match(answer.text, client.streamError);
      assert.equal(call.outcome, 'upstream-fault');
      assert.ok(call.charge > 0n);
      break;
    case 'fine':
      assert.equal(answer.status, 200);
      if (expected.isStream) assert.match(answer.text, client.terminal);
      assert.equal(call.outcome, 'success');
      if (expected.outcome.flag !== undefined) assert.ok(call.flags.includes(expected.outcome.flag));
      break;
  }
  await nothingIsLeft();
}

async function findCall(answer: WireAnswer): Promise<CallRecord> {
  const callId = answer.headers.get('x-relay-call-id') as CallId;
  let call: CallRecord | undefined;
  await eventually(async () => {
    call = await relay.workspace.store.findCall(relay.workspace.organizationId, callId);
    assert.ok(call, `no record of call ${callId}`);
  });
  assert.ok(call);
  return call;
}

async function nothingIsLeft(): Promise<void> {
  const { wallets } = relay.app.relay;
  await eventually(() => {
    assert.equal(wallets.held(relay.workspace.organizationId), 0n);
    assert.equal(relay.app.data.openCalls(), 0);
    for (const { record } of relay.app.relay.table().accounts) {
      assert.equal(relay.app.relay.health.inFlight(record.id), 0);
    }
  });
}
