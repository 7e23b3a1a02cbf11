import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { eventually } from './eventually.ts';

let relay: BootedRelay;
before(async () => {
  relay = await bootRelay({ env: { QINGZHOU_BODY_LIMIT: '64KiB', QINGZHOU_KEEP_ALIVE: '200ms' } });
});
after(() => relay[Symbol.asyncDispose]());

const chatBody = JSON.stringify({
  model: 'gpt-4.1-mini',
  messages: [{ role: 'user', content: '[[say:hello]]' }],
});
const messageBody = JSON.stringify({
  model: 'claude-sonnet-4-5',
  max_tokens: 50,
  messages: [{ role: 'user', content: '[[say:hello]]' }],
});
const contentBody = JSON.stringify({ contents: [{ parts: [{ text: '[[say:hello]]' }] }] });

function post(path: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(relay.url + path, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${relay.key}`, ...headers },
  });
}

const spellings: readonly (readonly [path: string, body: string])[] = [
  ['/v1/chat/completions', chatBody],
  ['/chat/completions', chatBody],
  ['/v1/v1/chat/completions', chatBody],
  ['/openai/v1/chat/completions', chatBody],
  ['/openai/chat/completions', chatBody],
  ['/v1/messages', messageBody],
  ['/messages', messageBody],
  ['/v1/messages?beta=true', messageBody],
  ['/anthropic/v1/messages', messageBody],
  ['/v1/v1/messages', messageBody],
  ['/anthropic/v1/v1/messages', messageBody],
  ['/v1beta/models/gemini-2.5-flash:generateContent', contentBody],
  ['/v1/models/gemini-2.5-flash:generateContent', contentBody],
  ['/gemini/v1beta/models/gemini-2.5-flash:generateContent', contentBody],
  ['/v1/v1beta/models/gemini-2.5-flash:generateContent', contentBody],
];
for (const [path, body] of spellings) {
  test(`POST ${path} is understood`, async () => {
    const response = await post(path, body);
    assert.equal(response.status, 200, await response.clone().text());
    assert.match(await response.text(), /hello/);
  });
}

const placements: readonly (readonly [
  name: string,
  headers: (key: string) => Record<string, string>,
  query: string,
])[] = [
  ['authorization: Bearer', (key) => ({ authorization: `Bearer ${key}` }), ''],
  ['x-api-key', (key) => ({ authorization: '', 'x-api-key': key }), ''],
  ['api-key', (key) => ({ authorization: '', 'api-key': key }), ''],
  ['x-goog-api-key', (key) => ({ authorization: '', 'x-goog-api-key': key }), ''],
  ['?key=', () => ({ authorization: '' }), '?key='],
];
for (const [name, headers, query] of placements) {
  test(`the relay key is taken from ${name}`, async () => {
    const path = `/v1beta/models/gemini-2.5-flash:generateContent${query === '' ? '' : query + relay.key}`;
    assert.equal((await post(path, contentBody, headers(relay.key))).status, 200);
  });
}

test('a key in the query is not sent on to the upstream', () => {
  for (const request of relay.simulator.requests) assert.ok(!JSON.stringify(request).includes(relay.key));
});

test('a key without permission, an expired one, a revoked one and one from elsewhere are told apart', async () => {
  const codeOf = async (key: string): Promise<string> => {
    const response = await post('/v1/chat/completions', chatBody, { authorization: `Bearer ${key}` });
    return `${response.status} ${((await response.json()) as { error: { message: string } }).error.message}`;
  };
  const narrow = await relay.newKey({ allowedModels: ['claude-*'] });
  const elsewhere = await relay.newKey({ allowedAddresses: ['10.0.0.0/8'] });
  const expiring = await relay.newKey({ expiresAt: Date.now() + 1_000 });
  await eventually(async () => assert.match(await codeOf(narrow), /^403 .*may not use this model/));
  await eventually(async () =>
    assert.match(await codeOf(elsewhere), /^403 .*may not be used from this address/),
  );
  await eventually(async () => assert.match(await codeOf(expiring), /^401 .*expired/));
  const revoked = await relay.newKey({ name: 'to revoke' });
  const keys = await relay.workspace.store.listKeys(relay.workspace.organizationId);
  const target = keys.find(({ keyName }) => keyName === 'to revoke');
  assert.ok(target);
  await relay.workspace.store.disableKey(relay.workspace.organizationId, target.keyId, Date.now());
  await eventually(async () => assert.match(await codeOf(revoked), /^401 .*disabled/));
});

test('limits of a key answer 429 with the time at which waiting helps', async () => {
  const key = await relay.newKey({ limits: { requestsPerMinute: 2 } });
  const statuses: number[] = [];
  let last: Response | undefined;
  await eventually(async () => {
    last = await post('/v1/chat/completions', chatBody, { authorization: `Bearer ${key}` });
    statuses.push(last.status);
    assert.equal(last.status, 429);
  });
  assert.equal(statuses.filter((status) => status === 200).length, 2);
  assert.ok(Number(last?.headers.get('retry-after')) >= 1);
  assert.ok(Number(last?.headers.get('retry-after-ms')) >= 1);
});

test('a body over the limit is a 413 in the protocol of the caller, and the next call is not harmed', async () => {
  const tooLarge = JSON.stringify({ model: 'x', input: 'x'.repeat(70_000) });
  const shapes = [
    ['/v1/chat/completions', /"type":"invalid_request_error"/],
    ['/v1/messages', /"type":"request_too_large"/],
    ['/v1beta/models/gemini-2.5-flash:generateContent', /"status":"INVALID_ARGUMENT"/],
  ] as const;
  for (const [path, shape] of shapes) {
    const response = await post(path, tooLarge);
    assert.ok([413, 400].includes(response.status));
    assert.match(await response.text(), shape);
  }
  assert.equal((await post('/v1/chat/completions', chatBody)).status, 200);
});

test('a chunked body over the limit is refused too', async () => {
  const body = new ReadableStream({
    start(controller) {
      for (let index = 0; index < 10; index += 1) controller.enqueue(Buffer.alloc(16 * 1024, 'x'));
      controller.close();
    },
  });
  const response = await fetch(`${relay.url}/v1/chat/completions`, {
    method: 'POST',
    body,
    duplex: 'half',
    headers: { authorization: `Bearer ${relay.key}` },
  });
  assert.equal(response.status, 413);
});

test('warm-up and health addresses answer 200', async () => {
  assert.equal((await fetch(relay.url, { method: 'HEAD' })).status, 200);
  assert.equal((await fetch(`${relay.url}/api/hello`, { method: 'HEAD' })).status, 200);
  assert.equal((await fetch(`${relay.url}/healthz`)).status, 200);
});

test('a WebSocket on /v1/responses is answered 426, so that clients fall back at once', async () => {
  const socket = connect(Number(new URL(relay.url).port), '127.0.0.1');
  socket.write(
    'GET /v1/responses HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  assert.match(text, /^HTTP\/1\.1 426 /);
});

test('an address that does not exist says what there is', async () => {
  const response = await fetch(`${relay.url}/v1/nothing`, {
    headers: { authorization: `Bearer ${relay.key}` },
  });
  assert.equal(response.status, 404);
  assert.match(await response.text(), /base URL/);
});

test('reading the books needs a key', async () => {
  for (const path of [
    '/v1/usage',
    '/v1/calls',
    '/v1/calls/qzc_1',
    '/v1/models',
    '/v1beta/models',
    '/v1/models/gpt-4.1-mini',
  ]) {
    assert.equal((await fetch(relay.url + path)).status, 401, path);
  }
});

test('usage adds up exactly with the calls, and every call with its lines', async () => {
  const headers = { authorization: `Bearer ${relay.key}` };
  const usage = (await (await fetch(`${relay.url}/v1/usage`, { headers })).json()) as {
    data: { charge_nano_usd: string; calls: number }[];
    total: { charge_nano_usd: string; calls: number };
  };
  const sum = usage.data.reduce((total, row) => total + BigInt(row.charge_nano_usd), 0n);
  assert.equal(sum, BigInt(usage.total.charge_nano_usd));
  assert.ok(sum > 0n);
  const calls = (await (await fetch(`${relay.url}/v1/calls?limit=100`, { headers })).json()) as {
    data: { charge_nano_usd: string; lines: { amount_usd: string }[] }[];
  };
  for (const call of calls.data) {
    const lines = call.lines.reduce((total, line) => total + atto(line.amount_usd), 0n);
    assert.equal(lines, BigInt(call.charge_nano_usd) * 1_000_000_000n);
  }
});

/** 10^-18 USD of an exact decimal. */
function atto(usd: string): bigint {
  const [, sign, whole, fraction] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(usd) ?? [];
  const value = BigInt(whole ?? '') * 10n ** 18n + BigInt((fraction ?? '').padEnd(18, '0'));
  return sign === '-' ? 0n - value : value;
}

test('a silent stream is kept alive after the commit point in a way its clients skip', async () => {
  const controller = new AbortController();
  const response = await fetch(`${relay.url}/v1/chat/completions`, {
    method: 'POST',
    signal: controller.signal,
    headers: { authorization: `Bearer ${relay.key}` },
    body: JSON.stringify({
      model: 'gpt-4.1-mini',
      stream: true,
      messages: [{ role: 'user', content: '[[tokens:30]] [[fault:stall-mid-stream after-frames=6]]' }],
    }),
  });
  let text = '';
  await assert.rejects(async () => {
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (/\n\n:[^\n]*\n\n/.test(text)) controller.abort();
    }
  });
  assert.match(text, /\n\n:[^\n]*\n\n/);
  await eventually(() => assert.equal(relay.simulator.openStreams(), 0), 100);
});
