import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import * as fc from 'fast-check';
import { createEventStreamReader, maxMessageBytes } from './aws-event-stream.ts';

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
);

function messageOf(headers: Readonly<Record<string, string>>, payload: string): Buffer {
  const typed = Object.entries(headers).map(([name, value]) => [name, { type: 'string' as const, value }]);
  return Buffer.from(
    codec.encode({
      headers: Object.fromEntries(typed) as Record<string, { type: 'string'; value: string }>,
      body: Buffer.from(payload),
    }),
  );
}

const event = (type: string, payload: string): Buffer =>
  messageOf({ ':message-type': 'event', ':event-type': type }, payload);

/** What a reader gives for the bytes, fed in pieces that end at the cuts. */
function readIn(bytes: Buffer, cuts: readonly number[]): readonly (readonly string[])[] {
  const reader = createEventStreamReader();
  const read: string[][] = [];
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    // A copy that is spoilt at once, since a read is valid only during the call.
    const view = Buffer.from(bytes.subarray(from, cut));
    for (const { kind, type, payload } of reader.push(view)) read.push([kind, type, payload.toString()]);
    view.fill(0);
    from = cut;
  }
  assert.equal(reader.fault, undefined);
  return read;
}

suite('AWS event streams', () => {
  test('any messages come out as they went in, whatever way their bytes are split', () => {
    const message = fc.record({
      kind: fc.constantFrom('event', 'exception'),
      type: fc.string({ maxLength: 40 }),
      payload: fc.string({ unit: 'binary', maxLength: 300 }),
    });
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 8 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }),
        (messages, places) => {
          const bytes = Buffer.concat(
            messages.map(({ kind, type, payload }) =>
              messageOf({ ':message-type': kind, [`:${kind}-type`]: type }, payload),
            ),
          );
          const cuts = places
            .map((place) => Math.floor(place * bytes.length))
            .toSorted((left, right) => left - right);
          assert.deepEqual(
            readIn(bytes, cuts),
            messages.map(({ kind, type, payload }) => [kind, type, Buffer.from(payload).toString()]),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test('every split of two messages at every byte gives the same two', () => {
    const bytes = Buffer.concat([event('chunk', '{"text":"héllo"}'), event('done', '')]);
    const whole = readIn(bytes, []);
    for (let cut = 0; cut <= bytes.length; cut += 1) assert.deepEqual(readIn(bytes, [cut]), whole);
    const everyByte = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1);
    assert.deepEqual(readIn(bytes, everyByte), whole);
  });

  test('a changed byte is found out, and nothing that came whole before it is lost', () => {
    const [first, second] = [event('one', 'a'.repeat(50)), event('two', 'b'.repeat(50))];
    for (let at = 0; at < second.length; at += 1) {
      const broken = Buffer.from(second);
      broken[at] = (broken[at] ?? 0) ^ 0x40;
      const reader = createEventStreamReader();
      const types = reader.push(Buffer.concat([first, broken])).map(({ type }) => type);
      assert.deepEqual(types, ['one'], `byte ${at}`);

      assert.ok(reader.fault !== undefined, `byte ${at}`);
    }
  });

  test('a page of some proxy is refused at its first bytes and not waited for', () => {
    const reader = createEventStreamReader();
    assert.deepEqual(reader.push(Buffer.from('<html><body>502</body></html>')), []);
    assert.ok(reader.fault !== undefined);
  });

  test('a message over the limit is refused when its length is read', () => {
    const large = event('chunk', 'x'.repeat(maxMessageBytes));
    const reader = createEventStreamReader();
    reader.push(large.subarray(0, 12));
    assert.ok(reader.fault);
  });

  test('an error without payload keeps its code and its sentence', () => {
    const bytes = messageOf(
      {
        ':message-type': 'error',
        ':error-code': 'InternalFailure',
        ':error-message': 'An internal server error',
      },
      '',
    );
    const [message] = createEventStreamReader().push(bytes);
    assert.deepEqual(
      [message?.kind, message?.type, message?.errorMessage],
      ['error', 'InternalFailure', 'An internal server error'],
    );
  });
});
