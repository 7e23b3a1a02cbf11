import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CallId } from '../../src/domain/ids.ts';
import { endpoints, findDataRoute, modelVerbs } from '../../src/http/addresses.ts';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { eventually } from './eventually.ts';
import { repositoryRoot } from './repository-root.ts';

/** A body that each data address accepts. The test walks the route table, so a new route without a body here fails. */
const bodies: Readonly<Record<string, unknown>> = {
  '/v1/chat/completions': { model: 'gpt-4.1-mini', messages: [{ role: 'user', content: 'Hello!' }] },
  '/v1/responses': { model: 'gpt-4.1-mini', input: 'Hello!' },
  '/v1/messages': {
    model: 'claude-sonnet-4-5',
    max_tokens: 50,
    messages: [{ role: 'user', content: 'Hello!' }],
  },
  '/v1/messages/count_tokens': {
    model: 'claude-sonnet-4-5',
    messages: [{ role: 'user', content: 'Hello!' }],
  },
  '/v1/completions': { model: 'gpt-3.5-turbo-instruct', prompt: 'Hello!' },
  '/v1/embeddings': { model: 'text-embedding-3-small', input: 'Hello!' },
  generateContent: { contents: [{ parts: [{ text: 'Hello!' }] }] },
  streamGenerateContent: { contents: [{ parts: [{ text: 'Hello!' }] }] },
  countTokens: { contents: [{ parts: [{ text: 'Hello!' }] }] },
  embedContent: { content: { parts: [{ text: 'Hello!' }] } },
  batchEmbedContents: {
    requests: [{ model: 'models/gemini-embedding-001', content: { parts: [{ text: 'Hello!' }] } }],
  },
};

interface RouteCase {
  readonly path: string;
  readonly body: unknown;
}

const routes: readonly RouteCase[] = [
  ...endpoints.map(({ path }) => ({ path, body: bodies[path] })),
  ...Object.entries(modelVerbs).flatMap(([verb, { operation }]) =>
    ['v1', 'v1beta'].map((version) => ({
      path: `/${version}/models/${operation === 'embed' ? 'gemini-embedding-001' : 'gemini-2.5-flash'}:${verb}`,
      body: bodies[verb],
    })),
  ),
];

let relay: BootedRelay;
before(async () => {
  relay = await bootRelay();
});
after(() => relay[Symbol.asyncDispose]());

function post({ path, body }: RouteCase, key: string, extra: Record<string, string> = {}): Promise<Response> {
  return fetch(relay.url + path, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json', ...extra },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

for (const route of routes) {
  test(`POST ${route.path} goes through every stage`, async () => {
    assert.ok(route.body, 'every data route needs a body in this test');
    assert.ok(findDataRoute(route.path, ''));

    // identify
    assert.equal((await post(route, 'sk-qz-wrong')).status, 401);
    // receive and inspect
    assert.equal((await post({ ...route, body: '{"cut": ' }, relay.key)).status, 400);
    assert.equal((await post(route, relay.key, { 'content-encoding': 'gzip' })).status, 415);
    assert.equal(
      (await fetch(relay.url + route.path, { method: 'PUT', headers: { 'x-api-key': relay.key } })).status,
      405,
    );
    // admit
    const forbidden = await relay.newKey({ allowedModels: ['none-of-these'] });
    await eventually(async () => assert.equal((await post(route, forbidden)).status, 403));
    const limited = await relay.newKey({ limits: { requestsPerMinute: 1 } });
    await eventually(async () => {
      await post(route, limited);
      assert.equal((await post(route, limited)).status, 429);
    });

    // plan, hold, attempt, deliver, measure, settle, record
    const seen = relay.simulator.control.stats().requests;
    const response = await post(route, relay.key);
    assert.equal(response.status, 200, await response.clone().text());
    await response.text();
    assert.equal(relay.simulator.control.stats().requests, seen + 1);
    const callId = response.headers.get('x-relay-call-id') as CallId;
    for (const name of ['request-id', 'x-request-id']) assert.equal(response.headers.get(name), callId);
    await eventually(() =>
      assert.ok(
        relay.observations.some((seenOne) => seenOne.type === 'call-finished' && seenOne.callId === callId),
      ),
    );
    const call = await relay.workspace.store.findCall(relay.workspace.organizationId, callId);
    assert.ok(call);
    assert.equal(call.outcome, 'success');
    assert.equal(call.attempts.length, 1);
    const isFree = call.operation === 'count-tokens';
    assert.equal(call.charge > 0n, !isFree && call.usage.input + call.usage.output > 0);
    assert.equal(call.usageSource, isFree ? call.usageSource : 'reported');
    assert.equal(relay.app.relay.wallets.held(relay.workspace.organizationId), 0n);
  });

  test(`POST ${route.path} is refused when the wallet is empty`, async () => {
    const wallet = (await relay.workspace.store.loadWallets())[0];
    assert.ok(wallet);
    relay.app.relay.wallets.sync([{ ...wallet, balance: 0n as typeof wallet.balance, mode: 'prepaid' }]);
    try {
      const response = await post(route, relay.key);
      const isFree = route.path.includes('count');
      assert.ok(
        isFree ? response.status === 200 : [402, 429].includes(response.status),
        `${response.status}`,
      );
    } finally {
      relay.app.relay.wallets.sync([wallet]);
    }
  });
}

test('the one function of a call names every stage in order, and no data route is served by anything else', () => {
  const source = readFileSync(join(repositoryRoot, 'server/src/relay/relay-call.ts'), 'utf8');
  const body = source.slice(source.indexOf('export async function relayCall'));
  const stages = [
    'identify(',
    'inspect(',
    'admit(',
    'planFor(',
    'holdFor(',
    'attempt(',
    'deliver(',
    'measure(',
    'settleCall(',
    'record(',
  ];
  const places = stages.map((stage) => body.indexOf(stage));
  assert.ok(
    places.every((place) => place >= 0),
    stages.join(' '),
  );
  // `measure` is an argument of `settleCall`, so it stands after its name.
  const ordered = places.filter((_, index) => stages[index] !== 'measure(');
  assert.deepEqual(
    ordered,
    [...ordered].sort((left, right) => left - right),
  );
  const server = readFileSync(join(repositoryRoot, 'server/src/http/data-server.ts'), 'utf8');
  assert.equal(server.match(/options\.relay\(/g)?.length, 1);
  assert.equal(server.match(/findDataRoute\(/g)?.length, 1);
});
