import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CallId } from '../../src/domain/ids.ts';
import { endpoints, findDataRoute, modelVerbs, storedVerbs } from '../../src/http/addresses.ts';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { eventually } from './eventually.ts';
import { repositoryRoot } from './repository-root.ts';

/** A body that each data address accepts. The test walks the route table, so a new route without a body here fails. */
const bodies: Readonly<Record<string, unknown>> = {
  '/v1/chat/completions': { model: 'gpt-4.1-mini', messages: [{ role: 'user', content: 'Hello!' }] },
  '/v1/responses': { model: 'gpt-4.1-mini', input: 'Hello!' },
  '/v1/responses/input_tokens': { model: 'gpt-4.1-mini', input: 'Hello!' },
  '/v1/responses/compact': { model: 'gpt-4.1-mini', input: 'Hello!' },
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

const plainRoutes: readonly RouteCase[] = [
  ...endpoints.map(({ path }) => ({ path, body: bodies[path] })),
  ...Object.entries(modelVerbs).flatMap(([verb, { operation }]) =>
    ['v1', 'v1beta'].map((version) => ({
      path: `/${version}/models/${operation === 'embed' ? 'gemini-embedding-001' : 'gemini-2.5-flash'}:${verb}`,
      body: bodies[verb],
    })),
  ),
];

/** The same stages behind the addresses of clouds: `completeBody` has made the body a plain one before. */
const messages = [{ role: 'user', content: 'Hello!' }];
const clouds: readonly RouteCase[] = [
  ...['v1', 'v1beta1'].map((version) => ({
    path: `/${version}/projects/p/locations/global/publishers/google/models/gemini-2.5-flash:generateContent`,
    body: bodies['generateContent'],
  })),
  {
    path: '/v1/projects/p/locations/global/publishers/anthropic/models/claude-sonnet-4-5:rawPredict',
    body: { anthropic_version: 'vertex-2023-10-16', max_tokens: 50, messages },
  },
  {
    path: '/v1/projects/p/locations/global/publishers/anthropic/models/count-tokens:rawPredict',
    body: { anthropic_version: 'vertex-2023-10-16', model: 'claude-sonnet-4-5', messages },
  },
  { path: '/openai/deployments/gpt-4.1-mini/chat/completions', body: { messages } },
];

const routes: readonly RouteCase[] = [...plainRoutes, ...clouds];

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
    // Google knows one status for everything that is wrong with a request's form.
    const formStatus = findDataRoute(route.path, '')?.protocol === 'gemini' ? 400 : 415;
    assert.equal((await post(route, relay.key, { 'content-encoding': 'gzip' })).status, formStatus);
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
      const isFree = findDataRoute(route.path, '')?.target.operation === 'count-tokens';
      assert.ok(
        isFree ? response.status === 200 : [402, 429].includes(response.status),
        `${response.status}`,
      );
    } finally {
      relay.app.relay.wallets.sync([wallet]);
    }
  });
}

const storedRoutes = Object.entries(storedVerbs).flatMap(([rest, verbs]) =>
  verbs.map(({ method = 'POST' }) => ({ method, rest })),
);

for (const { method, rest } of storedRoutes) {
  test(`${method} /v1/responses/{id}${rest} goes through every stage`, async () => {
    const isCancel = rest === '/cancel';
    const kept = {
      model: 'gpt-4.1-mini',
      input: 'Hello!',
      ...(isCancel ? { background: true, max_output_tokens: 100 } : {}),
    };
    const created = await post({ path: '/v1/responses', body: kept }, relay.key);
    const { id } = (await created.json()) as { readonly id: string };
    const send = (key: string, by = method): Promise<Response> =>
      fetch(`${relay.url}/v1/responses/${id}${rest}`, { method: by, headers: { 'x-api-key': key } });

    assert.equal((await send('sk-qz-wrong')).status, 401);
    assert.equal((await send(relay.key, 'PUT')).status, 405);
    const forbidden = await relay.newKey({ allowedModels: ['none-of-these'] });
    await relay.app.reload();
    assert.equal((await send(forbidden)).status, 403);
    const seen = relay.simulator.control.stats().requests;
    const response = await send(relay.key);
    assert.equal(response.status, 200, await response.clone().text());
    assert.equal(relay.simulator.control.stats().requests, seen + 1);
    const callId = response.headers.get('x-relay-call-id') as CallId;
    await response.text();
    const call = await relay.workspace.store.findCall(relay.workspace.organizationId, callId);
    assert.equal(call?.outcome, 'success');
    assert.equal(call.charge, 0n);
    // What goes on being made keeps its hold until a look has seen that it was cancelled.
    await eventually(() => assert.equal(relay.app.relay.wallets.held(relay.workspace.organizationId), 0n));
  });
}

test('the one function of a call names every stage in order, and no data route is served by anything else', () => {
  const source = readFileSync(join(repositoryRoot, 'server/src/relay/relay-call.ts'), 'utf8');
  const body = source.slice(source.indexOf('export async function relayCall'));
  const stages = [
    'identify(',
    'inspect(',
    'refer(',
    'admit(',
    'planFor(',
    'holdFor(',
    'attemptOrCount(',
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
