import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { Http1ResponseParser } from './http1-response-parser.ts';

interface Parsed {
  readonly steps: string;
  readonly body: string;
  readonly rest: number;
}

/** Feeds the reads as an exchange would; each read is its own copy, since the parser may overwrite it. */
function parse(reads: readonly Buffer[]): Parsed {
  const parser = new Http1ResponseParser();
  const seen: string[] = [];
  let body = '';
  for (const read of reads) {
    const view = Buffer.from(read);
    let position = 0;
    for (;;) {
      const step = parser.next(view, position);
      if (step === 'more') break;
      if (step !== 'data' || seen.at(-1) !== 'data') seen.push(step);
      if (step === 'data') body += view.toString('latin1', parser.dataStart, parser.dataEnd);
      position = parser.position;
      if (step === 'end' || step === 'malformed')
        return { steps: seen.join(), body, rest: view.length - position };
    }
  }
  return { steps: seen.join(), body, rest: 0 };
}

const message = fc
  .record({
    hints: fc.nat({ max: 2 }),
    chunks: fc.array(fc.string({ minLength: 1, maxLength: 40, unit: 'binary-ascii' }), { maxLength: 12 }),
    extension: fc.constantFrom('', ';a=b', ' ;x="y"'),
    trailers: fc.constantFrom('', 'a: b\r\n', 'a: b\r\nc:\r\n'),
    isChunked: fc.boolean(),
  })
  .map(({ hints, chunks, extension, trailers, isChunked }) => {
    const body = chunks.join('');
    const framing = isChunked ? 'transfer-encoding: chunked' : `content-length: ${body.length}`;
    const coded = chunks.map((chunk) => `${chunk.length.toString(16)}${extension}\r\n${chunk}\r\n`).join('');
    const payload = isChunked ? `${coded}0\r\n${trailers}\r\n` : body;
    const text = `${'HTTP/1.1 103 Early Hints\r\na: b\r\n\r\n'.repeat(hints)}HTTP/1.1 200 OK\r\n${framing}\r\n\r\n${payload}`;
    return { bytes: Buffer.from(text, 'latin1'), body };
  });

test('any split of a response into reads gives the same head, body and end', () => {
  fc.assert(
    fc.property(message, fc.array(fc.nat({ max: 400 }), { maxLength: 30 }), ({ bytes, body }, cuts) => {
      const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
      const reads = places.slice(1).map((place, index) => bytes.subarray(places[index], place));
      const expected = body === '' ? 'head,end' : 'head,data,end';
      assert.deepEqual(parse(reads), { steps: expected, body, rest: 0 });
      assert.deepEqual(parse([...bytes].map((byte) => Buffer.from([byte]))), {
        steps: expected,
        body,
        rest: 0,
      });
    }),
  );
});

test('bytes behind the end of a response are left alone', () => {
  fc.assert(
    fc.property(message, fc.string({ minLength: 1, unit: 'binary-ascii' }), ({ bytes, body }, surplus) => {
      const parsed = parse([Buffer.concat([bytes, Buffer.from(surplus, 'latin1')])]);
      assert.equal(parsed.body, body);
      assert.equal(parsed.rest, surplus.length);
    }),
  );
});

test('a response cut anywhere is never taken for a whole one', () => {
  fc.assert(
    fc.property(
      message,
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      ({ bytes }, share) => {
        const { steps } = parse([bytes.subarray(0, Math.floor(bytes.length * share))]);
        assert.doesNotMatch(steps, /end|malformed/);
      },
    ),
  );
});

test('bytes that are no response end in a refusal or in a wait for more, never in an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (noise, isBody) => {
      const head = isBody ? 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n' : '';
      assert.match(
        parse([Buffer.concat([Buffer.from(head), noise])]).steps,
        /^(head,?)?(data,?)?(end|malformed)?$/,
      );
    }),
  );
});

test('data read before a broken chunk is delivered before the refusal', () => {
  const text = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n';
  assert.deepEqual(parse([Buffer.from(text)]), { steps: 'head,data,malformed', body: 'abc', rest: 3 });
});

test('the limit on the head holds for any size of read', () => {
  const headOf = (bytes: number): Buffer => Buffer.from(`HTTP/1.1 204 No\r\na: ${'b'.repeat(bytes)}\r\n\r\n`);
  for (const readBytes of [1000, 1 << 20]) {
    for (const [bytes, steps] of [
      [65_000, 'head,end'],
      [66_000, 'malformed'],
    ] as const) {
      const head = headOf(bytes);
      const reads = Array.from({ length: Math.ceil(head.length / readBytes) }, (_, index) =>
        head.subarray(index * readBytes, (index + 1) * readBytes),
      );
      assert.equal(parse(reads).steps, steps, `${bytes} in reads of ${readBytes}`);
    }
  }
});
