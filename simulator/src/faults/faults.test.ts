import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { startSimulator } from '../index.ts';
import type { Simulator } from '../index.ts';

/** Long enough for any answer on loopback, short enough to call what follows silence. */
const PATIENCE_MS = 1500;
const SILENCE_MS = 150;

let simulator: Simulator;
before(async () => {
  simulator = await startSimulator();
});
after(() => simulator.close());

interface Outcome {
  readonly status: number;
  readonly head: string;
  readonly body: string;
  readonly end: 'end' | 'reset' | 'refused' | 'silent';
}

/** One request over a bare socket and all that came back, to the end, the reset or the end of patience. */
function ask(fault: string, options: { stream?: boolean; patienceMs?: number } = {}): Promise<Outcome> {
  const body = JSON.stringify({
    model: 'claude-sonnet-4-5',
    max_tokens: 100,
    stream: options.stream === true,
    messages: [{ role: 'user', content: '[[tokens:40]]' }],
  });
  const head = [
    'POST /v1/messages HTTP/1.1',
    'host: simulator',
    'connection: close',
    'x-api-key: sk-ant-faults',
    'anthropic-version: 2023-06-01',
    `x-simulate-fault: ${fault}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ].join('\r\n');
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(simulator.port, '127.0.0.1').setEncoding('utf8');
    const finish = (end: Outcome['end']): void => {
      clearTimeout(timer);
      socket.destroy();
      const [answerHead = '', ...rest] = text.split('\r\n\r\n');
      const status = Number(/^HTTP\/1.1 (\d+)/.exec(answerHead)?.[1] ?? 0);
      const isChunked = /transfer-encoding: chunked/i.test(answerHead);
      const raw = rest.join('\r\n\r\n');
      resolve({ status, head: answerHead.toLowerCase(), body: isChunked ? unchunk(raw) : raw, end });
    };
    const timer = setTimeout(finish, options.patienceMs ?? PATIENCE_MS, 'silent');
    socket.on('data', (part) => {
      text += String(part);
    });
    socket.on('end', () => finish('end'));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      finish(error.code === 'ECONNREFUSED' ? 'refused' : 'reset'),
    );
    socket.write(`${head}\r\n\r\n${body}`);
  });
}

function unchunk(raw: string): string {
  return raw.replaceAll(/(?:^|\r\n)[0-9a-f]+\r\n/g, '').replaceAll('\r\n', '');
}

function eventsIn(body: string): readonly string[] {
  return [...body.matchAll(/^event: (\S+)$/gm)].map((match) => match[1] ?? '');
}

const STATUSES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  502: 'api_error',
  503: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

for (const [status, type] of Object.entries(STATUSES)) {
  test(`status ${status} comes in the provider's own shape`, async () => {
    const outcome = await ask(status);
    assert.equal(outcome.status, Number(status));
    const body = JSON.parse(outcome.body) as { type: string; error: { type: string }; request_id: string };
    assert.equal(body.type, 'error');
    assert.equal(body.error.type, type);
    assert.match(outcome.head, new RegExp(`request-id: ${body.request_id}`));
  });
}

test('429 names its wait and every answer its limits', async () => {
  const limited = await ask('429 retry-after-s=7');
  assert.match(limited.head, /retry-after: 7/);
  assert.match(limited.head, /anthropic-ratelimit-requests-remaining: \d+/);
  const healthy = await ask('ok');
  assert.match(healthy.head, /anthropic-ratelimit-tokens-reset: \d{4}-\d\d-\d\dt/);
  assert.doesNotMatch(healthy.head, /retry-after/);
});

test('refuse resets the call and refuses connections for a while', async () => {
  assert.equal((await ask('refuse delay-ms=200')).end, 'reset');
  assert.equal((await ask('ok')).end, 'refused');
  let again = await ask('ok');
  for (let tries = 0; tries < 100 && again.end === 'refused'; tries += 1) {
    await new Promise((resolve) => void setTimeout(resolve, 20));
    again = await ask('ok');
  }
  assert.equal(again.status, 200);
});

test('a reset before the headers sends nothing', async () => {
  const outcome = await ask('reset-before-headers');
  assert.deepEqual([outcome.end, outcome.head], ['reset', '']);
});

test('a reset in the headers leaves half a header', async () => {
  const outcome = await ask('reset-mid-headers');
  assert.equal(outcome.end, 'reset');
  assert.doesNotMatch(outcome.head, /content-length|transfer-encoding/);
});

test('a reset in the stream comes after so many frames', async () => {
  const outcome = await ask('reset-mid-stream after-frames=5', { stream: true });
  assert.equal(outcome.end, 'reset');
  assert.deepEqual(eventsIn(outcome.body), [
    'message_start',
    'content_block_start',
    'ping',
    'content_block_delta',
    'content_block_delta',
  ]);
});

test('a reset in a unary body leaves less than was promised', async () => {
  const outcome = await ask('reset-mid-stream');
  const promised = Number(/content-length: (\d+)/.exec(outcome.head)?.[1]);
  assert.equal(outcome.end, 'reset');
  assert.ok(outcome.body.length > 0 && outcome.body.length < promised);
});

test('a stall is silence at its place, with the connection open', async () => {
  const before = await ask('stall-before-headers', { patienceMs: SILENCE_MS });
  assert.deepEqual([before.end, before.status], ['silent', 0]);
  const behind = await ask('stall-after-headers', { stream: true, patienceMs: SILENCE_MS });
  assert.deepEqual([behind.end, behind.status, behind.body], ['silent', 200, '']);
  const middle = await ask('stall-mid-stream after-frames=3', { stream: true, patienceMs: SILENCE_MS });
  assert.deepEqual([middle.end, eventsIn(middle.body).length], ['silent', 3]);
});

test('a slow first byte is late but whole', async () => {
  const startedAt = performance.now();
  const outcome = await ask('slow-first-byte delay-ms=120');
  assert.ok(performance.now() - startedAt >= 119);
  assert.equal(outcome.status, 200);
  JSON.parse(outcome.body);
});

test('truncated JSON ends the exchange in order but not the JSON', async () => {
  const unary = await ask('truncated-json');
  assert.equal(unary.end, 'end');
  assert.match(unary.head, new RegExp(`content-length: ${unary.body.length}\\b`));
  assert.throws(() => JSON.parse(unary.body) as unknown, SyntaxError);
  const stream = await ask('truncated-json after-frames=4', { stream: true });
  const lastData = stream.body.split('data: ').at(-1) ?? '';
  assert.equal(stream.end, 'end');
  assert.throws(() => JSON.parse(lastData) as unknown, SyntaxError);
});

test('garbage is no JSON and no event', async () => {
  const unary = await ask('garbage');
  assert.match(unary.head, /content-type: application\/json/);
  assert.throws(() => JSON.parse(unary.body) as unknown, SyntaxError);
  const stream = await ask('garbage', { stream: true });
  assert.deepEqual(eventsIn(stream.body), []);
});

test('a proxy page comes with the wrong content type', async () => {
  const outcome = await ask('html-page');
  assert.equal(outcome.status, 200);
  assert.match(outcome.head, /content-type: text\/html/);
  assert.equal((await ask('html-page status=502')).status, 502);
});

test('overloaded inside a 200 comes before the first generated event or after some', async () => {
  const early = await ask('overloaded-before-content', { stream: true });
  assert.equal(early.status, 200);
  assert.ok(!eventsIn(early.body).includes('content_block_delta'));
  assert.equal(eventsIn(early.body).at(-1), 'error');
  assert.match(early.body, /overloaded_error/);
  const late = await ask('overloaded-mid-stream after-frames=6', { stream: true });
  assert.equal(eventsIn(late.body).filter((name) => name === 'content_block_delta').length, 6);
  assert.equal(eventsIn(late.body).at(-1), 'error');
  const unary = await ask('overloaded-before-content');
  assert.equal(unary.status, 200);
  assert.match(unary.body, /overloaded_error/);
});

test('an empty 200 has no body, or a body that says nothing', async () => {
  const bare = await ask('empty-body');
  assert.deepEqual([bare.status, bare.body], [200, '']);
  assert.deepEqual((await ask('empty-body', { stream: true })).body, '');
  const silent = JSON.parse((await ask('empty-content')).body) as {
    content: unknown[];
    usage: { output_tokens: number };
  };
  assert.deepEqual([silent.content, silent.usage.output_tokens], [[], 0]);
});

interface Usage {
  readonly input_tokens: number;
  readonly output_tokens: number;
}

test('usage is missing or lies', async () => {
  const usageOf = async (fault: string): Promise<Usage | undefined> =>
    (JSON.parse((await ask(fault)).body) as { usage?: Usage }).usage;
  const truth = await usageOf('ok');
  assert.equal(truth?.output_tokens, 40);
  assert.equal(await usageOf('missing-usage'), undefined);
  assert.equal((await usageOf('negative-usage'))?.output_tokens, -40);
  assert.equal((await usageOf('zero-usage'))?.output_tokens, 0);
  assert.ok(Number((await usageOf('huge-usage'))?.output_tokens) > 1e9);
  const stream = await ask('missing-usage', { stream: true });
  assert.doesNotMatch(stream.body, /"usage"/);
  assert.equal(eventsIn(stream.body).at(-1), 'message_stop');
});

test('shrinking usage falls within one stream', async () => {
  const { body } = await ask('shrinking-usage', { stream: true });
  const counts = [...body.matchAll(/"input_tokens":(\d+)/g)].map((match) => Number(match[1]));
  assert.equal(counts.length, 2);
  assert.ok((counts[0] ?? 0) > (counts[1] ?? 0));
});

test('a call meets the fault of its directive, and no stream stays open', async () => {
  const response = await fetch(`${simulator.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': 'sk-ant-faults', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({
      model: 'claude-sonnet-4-5',
      max_tokens: 9,
      messages: [{ role: 'user', content: '[[fault:503]]' }],
    }),
  });
  assert.equal(response.status, 503);
  assert.equal(simulator.requests.at(-1)?.fault, 'status');
  assert.equal(simulator.openStreams(), 0);
});
