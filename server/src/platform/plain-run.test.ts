import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { beginRuns, plainRunEnd, wideBytes } from './plain-run.ts';

const stops = (byte: number): boolean => byte === 0x22 || byte === 0x5c || byte < 0x20;

/** Goes from stop to stop as a scan does, beside a loop over single bytes. */
function compare(body: Uint8Array): void {
  beginRuns(body);
  let wide = 0;
  for (let from = 0; from <= body.length;) {
    let end = from;
    for (; end < body.length && !stops(body[end] ?? 0); end += 1) if ((body[end] ?? 0) >= 0x80) wide += 1;
    assert.equal(plainRunEnd(body, from), end);
    assert.equal(wideBytes(), wide);
    from = end + 1;
  }
}

test('runs of plain characters end where a loop over single bytes says', () => {
  const byte = fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(0x20, 0x21, 0x23, 0x5b, 0x5d, 0x7f, 0x80, 0xff) },
    { weight: 1, arbitrary: fc.nat(255) },
  );
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 400 }), (bytes) => compare(Uint8Array.from(bytes))),
    { numRuns: 400 },
  );
});

test('every single byte stops or not, wherever it stands among sixteen', () => {
  for (let byte = 0; byte < 256; byte += 1) {
    for (let place = 0; place < 17; place += 1)
      compare(new Uint8Array(33).fill(0x61).fill(byte, place, place + 1));
  }
});

test('a body larger than what is looked at at once is the same to its reader', () => {
  const body = new Uint8Array(400_000).fill(0x61);
  for (let at = 100_000; at < body.length; at += 32_749) body[at] = at % 2 === 0 ? 0x22 : 0xe8;
  compare(body);
  compare(new Uint8Array(131_040).fill(0x61));
  compare(new Uint8Array(131_041).fill(0x61));
});

test('what an earlier body held is never found in a later one', () => {
  compare(new Uint8Array(5_000).fill(0x22));
  compare(new Uint8Array(100).fill(0x61));
  compare(new Uint8Array(0));
});
