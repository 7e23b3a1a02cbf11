import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chatBody, requestTo } from './request.ts';

test('a body has exactly the size asked for, in ASCII, with the model first', () => {
  for (const bodyBytes of [2_048, 102_400]) {
    const body = chatBody({ mode: 'mock-json-1024', bodyBytes });
    assert.equal(Buffer.byteLength(body), bodyBytes);
    assert.ok(
      body.startsWith('{"model":"gpt-4.1-mini","messages":[{"role":"system","content":"mock-json-1024 '),
    );
  }
});

test('stream modes ask for a stream with usage, others do not', () => {
  const stream = JSON.parse(chatBody({ mode: 'mock-sse-3-5', bodyBytes: 2_048 })) as Record<string, unknown>;
  assert.equal(stream['stream'], true);
  assert.deepEqual(stream['stream_options'], { include_usage: true });
  assert.ok(!('stream' in (JSON.parse(chatBody({ mode: 'mock-json-1', bodyBytes: 2_048 })) as object)));
});

test('a request carries the headers of its target and the length of its body', () => {
  const target = {
    process: null,
    port: 81,
    headers: { authorization: 'Bearer k' },
    stop: () => Promise.resolve(),
  };
  const [head = '', body = ''] = requestTo(target, { mode: 'mock-json-1024', bodyBytes: 2_048 }).split(
    '\r\n\r\n',
  );
  assert.match(head, /^POST \/v1\/chat\/completions HTTP\/1\.1\r\nhost: 127\.0\.0\.1:81\r\n/);
  assert.match(head, /\r\nauthorization: Bearer k\r\n/);
  assert.match(head, new RegExp(`\r\ncontent-length: ${body.length}$`));
});
