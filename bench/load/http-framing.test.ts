import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createMessageReader, FramingError, isEventStream, isKeptAlive, statusOf } from './http-framing.ts';

function readAll(kind: 'request' | 'response', parts: readonly Buffer[]) {
  const messages: { head: string; body: string }[] = [];
  let head = '';
  let body = '';
  const reader = createMessageReader(kind, {
    onHead: (text) => {
      head = text;
      body = '';
    },
    onBody: (view) => {
      body += view.toString('latin1');
    },
    onEnd: () => void messages.push({ head, body }),
  });
  for (const part of parts) reader.push(part);
  return { messages, reader };
}

const counted = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
const chunked =
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nwiki\r\n5;x=y\r\npedia\r\n0\r\n\r\n';
const trailers =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\nx-sum: 1\r\n\r\n';
const empty = 'HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n';

test('answers that follow each other are told apart under every split', () => {
  const known = [
    { text: counted, body: 'hello' },
    { text: chunked, body: 'wikipedia' },
    { text: trailers, body: '0123456789' },
    { text: empty, body: '' },
  ];
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...known), { minLength: 1, maxLength: 5 }),
      fc.array(fc.nat()),
      (list, cuts) => {
        const bytes = Buffer.from(list.map(({ text }) => text).join(''), 'latin1');
        const places = [
          0,
          ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b),
          bytes.length,
        ];
        const parts = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        const { messages } = readAll('response', parts);
        assert.deepEqual(
          messages.map(({ body }) => body),
          list.map(({ body }) => body),
        );
      },
    ),
  );
});

test('a request without a length has no body and is complete at its head', () => {
  const { messages } = readAll('request', [Buffer.from('GET / HTTP/1.1\r\nhost: a\r\n\r\n')]);
  assert.equal(messages.length, 1);
});

test('an answer without a length lasts until the close', () => {
  const { messages, reader } = readAll('response', [Buffer.from('HTTP/1.1 200 OK\r\n\r\nall of it')]);
  assert.equal(messages.length, 0);
  assert.equal(reader.close(), true);
  assert.equal(messages[0]?.body, 'all of it');
});

test('a close inside a counted or chunked body is not a correct end', () => {
  assert.equal(readAll('response', [Buffer.from(counted.slice(0, -1))]).reader.close(), false);
  assert.equal(readAll('response', [Buffer.from(chunked.slice(0, -2))]).reader.close(), false);
  assert.equal(readAll('response', [Buffer.from('HTTP/1.1 20')]).reader.close(), false);
  assert.equal(readAll('response', [Buffer.from(counted)]).reader.close(), true);
});

test('bad chunk sizes, chunks longer than they say and endless heads are refused', () => {
  const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
  assert.throws(() => readAll('response', [Buffer.from(`${head}zz\r\n`)]), FramingError);
  assert.throws(() => readAll('response', [Buffer.from(`${head}-1\r\n`)]), FramingError);
  assert.throws(() => readAll('response', [Buffer.from(`${head}2\r\nabc\r\n`)]), FramingError);
  assert.throws(() => readAll('response', [Buffer.alloc(70_000, 'a')]), FramingError);
  assert.throws(() => statusOf('SSH-2.0-OpenSSH'), FramingError);
});

test('status, stream and keep-alive are read from the head', () => {
  const head =
    'HTTP/1.1 429 Too Many\r\nContent-Type: text/event-stream; charset=utf-8\r\nConnection: close\r\n';
  assert.equal(statusOf(head), 429);
  assert.equal(isEventStream(head), true);
  assert.equal(isKeptAlive(head), false);
  assert.equal(isKeptAlive('HTTP/1.1 200 OK\r\nconnection: keep-alive\r\n'), true);
});
