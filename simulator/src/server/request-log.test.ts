import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRequestLog, entryOf } from './request-log.ts';

const request = { id: 'r', atMs: 0, method: 'POST', path: '/v1/messages', headers: {}, bodyText: 'x' };

test('the log keeps the last thousand requests and counts them all', () => {
  const log = createRequestLog();
  for (let number = 0; number < 1500; number += 1) {
    log.add({ ...entryOf({ ...request, id: String(number) }), status: number % 3 === 0 ? 429 : 200 });
  }
  assert.equal(log.entries.length, 1000);
  assert.equal(log.entries[0]?.id, '500');
  assert.deepEqual(log.totals(), { requests: 1500, byStatus: { 200: 1000, 429: 500 }, byFault: {} });
  log.clear();
  assert.deepEqual(log.totals(), { requests: 0, byStatus: {}, byFault: {} });
});

test('credentials and very long bodies are not kept', () => {
  const headers = { authorization: 'Bearer a', 'x-api-key': 'b', 'x-goog-api-key': 'c', accept: '*/*' };
  const entry = entryOf({ ...request, headers, bodyText: 'x'.repeat(100_000) });
  assert.deepEqual(entry.headers, { accept: '*/*' });
  assert.equal(entry.bodyText, '');
});
