import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSimulator } from '../index.ts';
import type { Simulator, SimulatorOptions } from '../index.ts';

async function withSimulator(
  options: SimulatorOptions,
  use: (simulator: Simulator) => Promise<void>,
): Promise<void> {
  const simulator = await startSimulator(options);
  try {
    await use(simulator);
  } finally {
    await simulator.close();
  }
}

interface Asking {
  readonly key?: string;
  readonly text?: string;
  readonly stream?: boolean;
  readonly signal?: AbortSignal;
}

function ask(simulator: Simulator, asking: Asking = {}): Promise<Response> {
  const { key = 'sk-ant-server-test', text = 'Hello', stream = false, signal = null } = asking;
  return fetch(`${simulator.url}/v1/messages`, {
    method: 'POST',
    headers: { ...(key === '' ? {} : { 'x-api-key': key }), 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({
      model: 'claude-sonnet-4-5',
      max_tokens: 5000,
      stream,
      messages: [{ role: 'user', content: text }],
    }),
    signal,
  });
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 5000;
  while (!isTrue()) {
    assert.ok(performance.now() < deadlineMs, 'it did not come true within five seconds');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('well-formed keys are accepted; missing, foreign and invalid ones are refused', () =>
  withSimulator({}, async (simulator) => {
    assert.equal((await ask(simulator)).status, 200);
    for (const key of ['', 'sk-openai-style', 'sk-ant-invalid-key']) {
      const response = await ask(simulator, { key });
      const body = (await response.json()) as { error: { type: string } };
      assert.deepEqual([response.status, body.error.type], [401, 'authentication_error'], key);
    }
  }));

test('a listed account takes any key, its own models and its own faults', () =>
  withSimulator(
    {
      accounts: [
        {
          key: 'house-key',
          label: 'house',
          models: ['claude-haiku-4-5-20251001'],
          faults: { script: ['529'] },
        },
      ],
    },
    async (simulator) => {
      assert.equal((await ask(simulator)).status, 200);
      assert.equal((await ask(simulator, { key: 'house-key' })).status, 529);
      assert.equal((await ask(simulator, { key: 'house-key' })).status, 404);
      assert.equal(simulator.requests.at(-1)?.account, 'house');
    },
  ));

test('requests per minute are enforced and come back with time', async () => {
  let nowMs = Date.UTC(2026, 0, 1);
  const accounts = [{ key: 'limited', limits: { requestsPerMinute: 2 } }];
  await withSimulator({ accounts, now: () => nowMs }, async (simulator) => {
    const first = await ask(simulator, { key: 'limited' });
    assert.equal(first.headers.get('anthropic-ratelimit-requests-limit'), '2');
    assert.equal(first.headers.get('anthropic-ratelimit-requests-remaining'), '1');
    await ask(simulator, { key: 'limited' });
    const refused = await ask(simulator, { key: 'limited' });
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get('retry-after'), '30');
    nowMs += 30_000;
    assert.equal((await ask(simulator, { key: 'limited' })).status, 200);
  });
});

test('tokens per minute are enforced by what was used', async () => {
  let nowMs = 0;
  const accounts = [{ key: 'limited', limits: { tokensPerMinute: 600 } }];
  await withSimulator({ accounts, now: () => nowMs }, async (simulator) => {
    assert.equal((await ask(simulator, { key: 'limited', text: '[[tokens:700]]' })).status, 200);
    assert.equal((await ask(simulator, { key: 'limited' })).status, 429);
    nowMs += 15_000;
    assert.equal((await ask(simulator, { key: 'limited' })).status, 200);
  });
});

test('tokens come at the pace that was set', () =>
  withSimulator({ pace: 5 }, async (simulator) => {
    const startedAt = performance.now();
    await (await ask(simulator, { text: '[[tokens:20]]', stream: true })).text();
    assert.ok(performance.now() - startedAt >= 95);
  }));

test('a client that leaves ends the stream at once', () =>
  withSimulator({ pace: 20 }, async (simulator) => {
    const leaving = new AbortController();
    const response = await ask(simulator, { text: '[[tokens:4000]]', stream: true, signal: leaving.signal });
    assert.equal(response.status, 200);
    assert.equal(simulator.openStreams(), 1);
    leaving.abort();
    await until(() => simulator.openStreams() === 0);
    await until(() => simulator.requests[0]?.outcome === 'aborted');
  }));

test('the log tells what came in, and no credential', () =>
  withSimulator({}, async (simulator) => {
    await (await ask(simulator, { text: 'remember me' })).text();
    await until(() => simulator.requests[0]?.outcome === 'finished');
    const [entry] = simulator.requests;
    assert.deepEqual(
      [entry?.method, entry?.path, entry?.status, entry?.wire],
      ['POST', '/v1/messages', 200, 'anthropic-messages'],
    );
    assert.match(entry?.bodyText ?? '', /remember me/);
    assert.doesNotMatch(JSON.stringify(simulator.requests), /sk-ant-server-test/);
  }));

test('another process scripts faults and reads statistics', () =>
  withSimulator({}, async (simulator) => {
    const control = (method: string, name: string, body?: unknown): Promise<Response> =>
      fetch(`${simulator.url}/_simulator/${name}`, {
        method,
        body: body === undefined ? null : JSON.stringify(body),
      });
    assert.equal((await control('PUT', 'faults', { script: ['500', '529'] })).status, 200);
    assert.deepEqual(
      [(await ask(simulator)).status, (await ask(simulator)).status, (await ask(simulator)).status],
      [500, 529, 200],
    );
    assert.deepEqual(await (await control('GET', 'faults')).json(), { '*': { script: ['500', '529'] } });
    const stats = (await (await control('GET', 'stats')).json()) as { byFault: Record<string, number> };
    assert.deepEqual(stats.byFault, { status: 2 });
    const mistake = await control('PUT', 'faults', { script: ['explode'] });
    assert.equal(mistake.status, 400);
    assert.match(await mistake.text(), /Unknown fault/);
    assert.equal((await control('GET', 'nothing')).status, 404);
    await control('POST', 'reset');
    assert.equal(simulator.requests.length, 0);
  }));

test('an unknown path is 404', () =>
  withSimulator({}, async (simulator) => {
    const response = await fetch(`${simulator.url}/v1/nothing`);
    assert.equal(response.status, 404);
    assert.match(await response.text(), /unknown_url/);
  }));

test('a folder without recordings is an error at the start', async () => {
  await assert.rejects(startSimulator({ recordings: '/nonexistent' }), /cannot be read/);
});

test('close leaves no port and no connection', async () => {
  const simulator = await startSimulator({ pace: 50 });
  const response = await ask(simulator, { text: '[[tokens:500]]', stream: true });
  await simulator.close();
  await assert.rejects(response.text());
  await assert.rejects(fetch(simulator.url));
});
