import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createSecretBox } from './secret-box.ts';

const make = (...ids: readonly [string, number][]) =>
  createSecretBox({
    keys: ids.map(([id, fill]) => ({ id, key: Buffer.alloc(32, fill) })),
    randomBytes: (size) => randomBytes(size),
  });

test('a sealed secret opens again, in its place only', () => {
  const box = make(['k1', 1]);
  const sealed = box.seal('sk-ant-schlüssel', 'acc_1 credential');
  assert.equal(box.open(sealed, 'acc_1 credential'), 'sk-ant-schlüssel');
  assert.throws(() => box.open(sealed, 'acc_2 credential'));
});

test('the same secret seals differently each time and never shows', () => {
  const box = make(['k1', 1]);
  const [first, second] = [box.seal('secret-text', 'a'), box.seal('secret-text', 'a')];
  assert.notDeepEqual(first, second);
  assert.equal(Buffer.from(first).includes('secret-text'), false);
});

test('a change of any byte is found', () => {
  const box = make(['k1', 1]);
  const sealed = box.seal('secret', 'a');
  for (let index = 0; index < sealed.length; index += 1) {
    const changed = Uint8Array.from(sealed);
    changed[index] = (changed[index] ?? 0) ^ 1;
    assert.throws(() => box.open(changed, 'a'), `byte ${index}`);
  }
  for (let length = 0; length < sealed.length; length += 1) {
    assert.throws(() => box.open(sealed.subarray(0, length), 'a'), `length ${length}`);
  }
});

test('a rotated key still opens what it sealed, a stranger does not', () => {
  const old = make(['k1', 1]).seal('secret', 'a');
  const rotated = make(['k2', 2], ['k1', 1]);
  assert.equal(rotated.open(old, 'a'), 'secret');
  assert.throws(() => make(['k1', 1]).open(rotated.seal('secret', 'a'), 'a'), /another master key/);
  assert.throws(() => make(['k1', 9]).open(old, 'a'));
});

test('a key of the wrong length is refused', () => {
  assert.throws(
    () =>
      createSecretBox({
        keys: [{ id: 'k', key: Buffer.alloc(16) }],
        randomBytes: (size) => randomBytes(size),
      }),
    /32 bytes/,
  );
});
