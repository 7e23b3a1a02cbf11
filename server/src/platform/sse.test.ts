import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonArrayFraming } from './json-array-framing.ts';
import {
  createSseReader,
  maxFrameBytes,
  SseFraming,
  UnfinishedFrame,
  type Framing,
  type SseFrame,
} from './sse.ts';

function readAll(pieces: readonly Buffer[]): SseFrame[] {
  const reader = createSseReader();
  return [...pieces.flatMap((piece) => [...reader.push(piece)]), ...reader.finish()];
}

/** Frame boundaries as a passthrough sees them. */
function framesOf(framing: Framing, pieces: readonly Buffer[]): string[] {
  const unfinished = new UnfinishedFrame();
  const frames: string[] = [];
  for (const piece of pieces) {
    const bytes = unfinished.join(piece);
    let start = 0;
    for (let end = framing.frameEnd(bytes, 0); end !== -1; end = framing.frameEnd(bytes, start)) {
      frames.push(bytes.toString('latin1', start, end));
      start = end;
    }
    unfinished.keep(bytes, start);
  }
  frames.push(unfinished.take().toString('latin1'));
  return frames;
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((start, index) => Buffer.from(bytes.subarray(start, at[index] ?? bytes.length)));
}

const line = fc.constantFrom(
  'data: {"a":"轻舟"}',
  'data:x',
  'data: ',
  'event: ping',
  ': comment',
  'id: 7',
  'data',
  '',
);
const places = fc.array(fc.nat(), { maxLength: 12 });

for (const [name, end] of [
  ['LF', '\n'],
  ['CRLF', '\r\n'],
  ['CR', '\r'],
] as const) {
  test(`any split of a ${name} stream gives the same frames`, () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), places, (lines, at) => {
        const bytes = Buffer.from(lines.map((text) => text + end).join(''));
        assert.deepEqual(readAll(cut(bytes, at)), readAll([bytes]));
        assert.deepEqual(framesOf(new SseFraming(), cut(bytes, at)), framesOf(new SseFraming(), [bytes]));
      }),
      { numRuns: 400 },
    );
  });

  test(`a ${name} stream is read into events and joined data`, () => {
    const text = [
      'event: a',
      'data: 1',
      'data:2',
      '',
      ': note',
      '',
      'data: {"x":"é"}',
      '',
      'data: last',
    ].join(end);
    assert.deepEqual(readAll([Buffer.from(text)]), [
      { event: 'a', data: '1\n2' },
      { event: undefined, data: '{"x":"é"}' },
      { event: undefined, data: 'last' },
    ]);
  });
}

test('a byte order mark before the first field is no part of it', () => {
  assert.deepEqual(readAll([Buffer.from('\u{feff}data: 1\n\n')]), [{ event: undefined, data: '1' }]);
});

test('frames longer than the walked part are found too', () => {
  const bytes = Buffer.from(`data: ${'x'.repeat(5000)}\n\ndata: y\n\n`);
  assert.deepEqual(
    framesOf(new SseFraming(), [bytes]).map((frame) => frame.length),
    [5008, 9, 0],
  );
});

test('an endless frame is refused at its bound', () => {
  const reader = createSseReader();
  reader.push(Buffer.alloc(maxFrameBytes, 'x'));
  assert.throws(() => reader.push(Buffer.from('yy')), RangeError);
});

test('any split of a streamed array gives the same elements', () => {
  const element = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify({ value, text: 'a"}],{\\' }));
  fc.assert(
    fc.property(fc.array(element, { minLength: 1, maxLength: 6 }), places, (elements, at) => {
      const bytes = Buffer.from(`[${elements.join(',\r\n')}\n]\n`);
      const whole = framesOf(new JsonArrayFraming(), [bytes]);
      assert.equal(whole.length, elements.length + 2);
      assert.deepEqual(framesOf(new JsonArrayFraming(), cut(bytes, at)), whole);
      for (const [index, frame] of whole.slice(0, elements.length).entries()) {
        const { data } = new JsonArrayFraming().parse(Buffer.from(frame, 'latin1'), 0, frame.length);
        assert.deepEqual(JSON.parse(data ?? ''), JSON.parse(elements[index] ?? ''));
      }
    }),
    { numRuns: 300 },
  );
});
