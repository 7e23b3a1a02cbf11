import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startSimulator } from '../index.ts';
import type { Simulator } from '../index.ts';

let simulator: Simulator;
before(async () => {
  const limits = { requestsPerMinute: 1 };
  simulator = await startSimulator({
    accounts: [
      { key: 'sk-limited', limits },
      { key: 'AIzaLimited', limits },
    ],
  });
});
after(() => simulator.close());

interface Asking {
  readonly fault?: string;
  readonly stream?: boolean;
  readonly key?: string;
}

function chat({ fault = 'ok', stream = false, key = 'sk-provider-test' }: Asking): Promise<Response> {
  const messages = [{ role: 'user', content: '[[tokens:12]]' }];
  return fetch(`${simulator.url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'x-simulate-fault': fault,
    },
    body: JSON.stringify({
      model: 'gpt-4o',
      messages,
      ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
    }),
  });
}

function generate(
  { fault = 'ok', stream = false, key = 'AIzaProviderTest' }: Asking,
  query = '?alt=sse',
): Promise<Response> {
  const operation = stream ? `streamGenerateContent${query}` : 'generateContent';
  return fetch(`${simulator.url}/v1beta/models/gemini-2.5-flash:${operation}`, {
    method: 'POST',
    headers: { 'x-goog-api-key': key, 'content-type': 'application/json', 'x-simulate-fault': fault },
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: '[[tokens:12]]' }] }] }),
  });
}

type Parsed = Record<string, never>;

function frames(text: string): readonly Parsed[] {
  const lines = text.split(/\r?\n/).filter((line) => line.startsWith('data: {'));
  return lines.map((line) => JSON.parse(line.slice(6)) as Parsed);
}

test('OpenAI errors have their body and their waits', async () => {
  const limited = await chat({ fault: '429 retry-after-s=2' });
  const { error } = (await limited.json()) as { error: { code: string; message: string } };
  assert.deepEqual([limited.status, error.code], [429, 'rate_limit_exceeded']);
  assert.equal(limited.headers.get('retry-after'), '2');
  assert.equal(limited.headers.get('retry-after-ms'), '2000');
  assert.match(limited.headers.get('x-ratelimit-reset-requests') ?? '', /^\d+(\.\d+)?m?s$/);
  const quota = await chat({ fault: '429 code=insufficient_quota' });
  const body = (await quota.json()) as { error: { type: string; code: string } };
  assert.deepEqual([body.error.type, body.error.code], ['insufficient_quota', 'insufficient_quota']);
  assert.equal(quota.headers.get('retry-after'), null);
  assert.equal((await chat({ key: 'sk-invalid-key' })).status, 401);
});

test('Gemini errors have their status name and RetryInfo', async () => {
  const limited = await generate({ fault: '429 retry-after-s=34' });
  const { error } = (await limited.json()) as {
    error: { status: string; details: { retryDelay?: string }[] };
  };
  assert.equal(error.status, 'RESOURCE_EXHAUSTED');
  assert.ok(error.details.some((detail) => detail.retryDelay === '34s'));
  const overloaded = (await (await generate({ fault: '503' })).json()) as { error: { status: string } };
  assert.equal(overloaded.error.status, 'UNAVAILABLE');
  assert.equal((await generate({ key: 'AIzainvalid' })).status, 400);
});

test('limits of an account are enforced on every wire', async () => {
  assert.equal((await chat({ key: 'sk-limited' })).status, 200);
  const refused = await chat({ key: 'sk-limited' });
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers.get('retry-after-ms')) > 50_000);
  assert.equal((await generate({ key: 'AIzaLimited' })).status, 200);
  assert.equal((await generate({ key: 'AIzaLimited' })).status, 429);
});

test('overloaded inside an open stream comes in the provider’s own frame', async () => {
  const openai = frames(
    await (await chat({ fault: 'overloaded-mid-stream after-frames=2', stream: true })).text(),
  );
  assert.ok(openai.length >= 3);
  assert.ok('error' in (openai.at(-1) ?? {}));
  const gemini = frames(await (await generate({ fault: 'overloaded-before-content', stream: true })).text());
  assert.deepEqual(
    gemini.map((frame) => Object.keys(frame)),
    [['error']],
  );
});

test('overloaded inside a streamed array keeps the array whole', async () => {
  for (const [fault, items] of [
    ['overloaded-before-content', 1],
    ['overloaded-mid-stream after-frames=2', 3],
  ] as const) {
    const list = (await (await generate({ fault, stream: true }, '')).json()) as Parsed[];
    assert.equal(list.length, items);
    assert.ok('error' in (list.at(-1) ?? {}));
  }
});

test('usage is left out or shrinks on every wire', async () => {
  assert.doesNotMatch(await (await chat({ fault: 'missing-usage', stream: true })).text(), /"usage":\{/);
  assert.doesNotMatch(
    await (await generate({ fault: 'missing-usage', stream: true })).text(),
    /usageMetadata/,
  );
  const told = [
    await (await chat({ fault: 'shrinking-usage', stream: true })).text(),
    await (await generate({ fault: 'shrinking-usage', stream: true })).text(),
  ];
  for (const text of told) {
    const counts = [...text.matchAll(/"(?:total_tokens|totalTokenCount)":(\d+)/g)].map((match) =>
      Number(match[1]),
    );
    assert.ok(counts.length >= 2 && (counts[0] ?? 0) > (counts[1] ?? 0), counts.join(', '));
  }
});

test('an empty answer is well formed on every wire', async () => {
  const openai = (await (await chat({ fault: 'empty-content' })).json()) as {
    usage: { completion_tokens: number };
  };
  assert.equal(openai.usage.completion_tokens, 0);
  const gemini = await generate({ fault: 'empty-content' });
  assert.equal(gemini.status, 200);
  assert.doesNotMatch(await gemini.text(), /"text":"[^"]/);
});
