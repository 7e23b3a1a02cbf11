import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { encodeCallId, encodeName, synthesizeCallId } from './names.ts';

suite('names and ids of tools', () => {
  test('a name that fits goes unchanged, any other fits afterwards and is the same every time', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (name) => {
        const encoded = encodeName(name, 64);
        assert.equal(encodeName(name, 64), encoded);
        assert.match(encoded, /^[A-Za-z0-9_-]{1,64}$/);
        if (/^[A-Za-z0-9_-]{1,64}$/.test(name)) assert.equal(encoded, name);
      }),
    );
  });

  test('names that clean to the same letters stay apart', () => {
    const names = ['mcp.read', 'mcp/read', 'mcp read', `${'x'.repeat(70)}a`, `${'x'.repeat(70)}b`];
    assert.equal(new Set(names.map((name) => encodeName(name, 64))).size, names.length);
  });

  test('a call id that fits is kept, since signed reasoning covers it', () => {
    assert.equal(encodeCallId('toolu_01ABC', 'call_', 40), 'toolu_01ABC');
    assert.match(encodeCallId('call|fc_1', 'toolu_', 64), /^toolu_[0-9a-f]{16}$/);
    assert.notEqual(synthesizeCallId('answer', 0), synthesizeCallId('answer', 1));
  });
});
