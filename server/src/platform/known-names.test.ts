import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nameAt } from './known-names.ts';

test('a name is what its bytes say, whatever was read before it', () => {
  const name = fc.oneof(
    fc.constantFrom('model', 'mode1', 'max_tokens', '', 'ä', 'Ã¤', '模型'),
    fc.string({ maxLength: 40 }),
  );
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 20 }), (names) => {
      for (const text of [...names, ...names]) {
        const bytes = Buffer.from(`"${text}"`);
        assert.equal(nameAt(bytes, 1, bytes.length - 1), bytes.toString('utf8', 1, bytes.length - 1));
      }
    }),
    { numRuns: 500 },
  );
});
