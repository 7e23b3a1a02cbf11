import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createEnvelopeBox } from './envelope-box.ts';

const box = createEnvelopeBox(Buffer.alloc(32, 7));
const contents = fc.uint8Array({ maxLength: 400 });

test('what was sealed opens in its own place, and the same content seals to the same bytes', () => {
  fc.assert(
    fc.property(contents, fc.string(), (content, place) => {
      const sealed = box.seal(content, place);
      assert.deepEqual(box.open(sealed, place), Buffer.from(content));
      assert.deepEqual(createEnvelopeBox(Buffer.alloc(32, 7)).seal(content, place), sealed);
    }),
  );
});

test('a box that was changed in any byte, cut, moved or sealed under another key does not open', () => {
  fc.assert(
    fc.property(contents, fc.nat(), fc.integer({ min: 1, max: 255 }), (content, at, flip) => {
      const sealed = box.seal(content, 'here');
      const changed = Buffer.from(sealed);
      const place = at % changed.length;
      changed[place] = (changed[place] ?? 0) ^ flip;
      assert.equal(box.open(changed, 'here'), undefined);
      assert.equal(box.open(sealed.subarray(0, at % sealed.length), 'here'), undefined);
      assert.equal(box.open(sealed, 'there'), undefined);
      assert.equal(createEnvelopeBox(randomBytes(32)).open(sealed, 'here'), undefined);
    }),
  );
});

test('the same content in two places seals to unrelated bytes', () => {
  const content = Buffer.from('the same');
  const [one, other] = [box.seal(content, 'a'), box.seal(content, 'b')];
  assert.notDeepEqual(one.subarray(0, 12), other.subarray(0, 12));
  assert.notDeepEqual(one.subarray(28), other.subarray(28));
});
