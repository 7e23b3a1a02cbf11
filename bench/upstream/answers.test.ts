import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMessageReader } from '../load/http-framing.ts';
import { answerMode, BENCH_MODEL, streamAnswer, unaryAnswer, UNKNOWN_MODE } from './answers.ts';

function bodyOf(answer: Buffer): string {
  let body = '';
  let ends = 0;
  const reader = createMessageReader('response', {
    onHead: () => {},
    onBody: (view) => {
      body += view.toString('latin1');
    },
    onEnd: () => {
      ends += 1;
    },
  });
  reader.push(answer);
  assert.equal(ends, 1, 'one whole answer');
  return body;
}

test('the mode is read from its name, and other names have none', () => {
  assert.deepEqual(answerMode('mock-json-1024'), { kind: 'json', bytes: 1024 });
  assert.deepEqual(answerMode('mock-sse-200-20'), { kind: 'sse', chunks: 200, paceMs: 20 });
  assert.equal(answerMode('mock-sse-200'), null);
  assert.equal(answerMode('a-mock-json-1024'), null);
});

test('a unary answer is a chat completion of the size asked for, with usage', () => {
  const body = bodyOf(unaryAnswer(1024));
  assert.equal(body.length, 1024);
  const value = JSON.parse(body) as { model: string; usage: { total_tokens: number }; choices: unknown[] };
  assert.equal(value.model, BENCH_MODEL);
  assert.equal(value.usage.total_tokens, 732);
  assert.equal(value.choices.length, 1);
});

test('a stream is role, deltas of 213 bytes, finish, usage and the end mark', () => {
  const { opening, delta, closing } = streamAnswer();
  const events = bodyOf(Buffer.concat([opening, delta, delta, closing]))
    .split('\n\n')
    .slice(0, -1);
  const payloads = events.map((event) => event.replace(/^data: /, ''));
  assert.equal(payloads.pop(), '[DONE]');
  const chunks = payloads.map(
    (text) => JSON.parse(text) as { choices: { delta: object; finish_reason: string | null }[] },
  );
  assert.deepEqual(Object.keys(chunks[0]?.choices[0]?.delta ?? {}), ['role', 'content']);
  assert.equal((events[1]?.length ?? 0) + 2, 213);
  assert.equal(chunks[3]?.choices[0]?.finish_reason, 'stop');
  assert.equal(chunks[4]?.choices.length, 0);
  assert.ok('usage' in (chunks[4] ?? {}));
});

test('an unknown mode is answered whole', () => {
  assert.match(bodyOf(UNKNOWN_MODE), /unknown mode/);
});
