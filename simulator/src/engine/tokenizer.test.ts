import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { countTokens, tokenize } from './tokenizer.ts';

test('the tokens of any text concatenate to the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(tokenize(text).join(''), text);
    }),
  );
});

test('the first tokens of a text are the tokens of its beginning', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(30), (text, count) => {
      const first = tokenize(text).slice(0, count);
      assert.deepEqual(tokenize(first.join('')), first);
    }),
  );
});

test('long words are several tokens and each ideograph is one', () => {
  assert.deepEqual(tokenize('a lighthouse'), ['a', ' lighth', 'ouse']);
  assert.deepEqual(tokenize('轻舟ok'), ['轻', '舟', 'ok']);
  assert.equal(countTokens(''), 0);
});
