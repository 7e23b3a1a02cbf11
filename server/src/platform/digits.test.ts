import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { digitsAt, digitsOf } from './digits.ts';

test('whole numbers of up to 15 digits are read as Number reads them', () => {
  fc.assert(
    fc.property(fc.nat({ max: 999_999_999_999_999 }), (value) => {
      const text = String(value);
      assert.equal(digitsOf(text), value);
      assert.equal(digitsAt(Buffer.from(`[${text}]`), 1, text.length + 1), value);
    }),
  );
  assert.equal(digitsOf('007'), 7);
});

test('anything else is no number', () => {
  for (const text of ['', '-1', '+1', '1.5', '1e3', ' 1', '1 ', '0x10', '1234567890123456', '１']) {
    assert.equal(digitsOf(text), Number.NaN, text);
    const bytes = Buffer.from(text);
    assert.equal(digitsAt(bytes, 0, bytes.length), Number.NaN, text);
  }
});
