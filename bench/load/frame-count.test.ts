import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createFrameCounter } from './frame-count.ts';

const split = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return places
    .slice(1)
    .map((end, index) => bytes.subarray(places[index], end))
    .filter((part) => part.length > 0);
};

test('frames are counted once however the bytes are split', () => {
  const frame = fc.constantFrom('data: {}\n\n', 'event: x\ndata: a\n\n', 'data: [DONE]\n\n');
  fc.assert(
    fc.property(fc.array(frame, { minLength: 1 }), fc.array(fc.nat()), (frames, cuts) => {
      const counter = createFrameCounter();
      const parts = split(Buffer.from(frames.join('')), cuts);
      assert.equal(
        parts.reduce((sum, part) => sum + counter.count(part), 0),
        frames.length,
      );
    }),
  );
});

test('a frame that has not ended is not counted', () => {
  const counter = createFrameCounter();
  assert.equal(counter.count(Buffer.from('data: a\n')), 0);
  assert.equal(counter.count(Buffer.from('data: b\n')), 0);
  assert.equal(counter.count(Buffer.from('\n')), 1);
});
