import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFaultBook } from './fault-book.ts';
import { parseFault } from './fault.ts';

const account = { key: 'sk-a', label: 'first' };
const plain = { header: undefined, bodyText: '{}', account };

test('a fault is read with its settings', () => {
  assert.deepEqual(parseFault('429 retry-after-s=1.5 message="slow down" code=x'), {
    name: 'status',
    status: 429,
    retryAfterS: 1.5,
    message: 'slow down',
    code: 'x',
  });
  assert.deepEqual(parseFault('reset-mid-stream after-frames=0'), {
    name: 'reset-mid-stream',
    afterFrames: 0,
  });
});

test('what is not understood is named', () => {
  assert.throws(() => parseFault('explode'), /Unknown fault "explode"/);
  assert.throws(() => parseFault('429 after-frames=many'), /"after-frames=many"/);
  assert.throws(() => parseFault('429 wait=3'), /"wait=3"/);
});

test('a script is consumed in order and then no fault is left', () => {
  const book = createFaultBook('seed');
  book.setPlan({ script: ['429', 'ok', null, 'garbage'] });
  const names = Array.from({ length: 5 }, () => book.choose(plain)?.name);
  assert.deepEqual(names, ['status', undefined, undefined, 'garbage', undefined]);
});

test('header beats directive, directive beats plan, the account beats everybody', () => {
  const book = createFaultBook('seed');
  book.setPlan({ faults: ['500'] });
  book.setPlan({ faults: ['501'] }, 'first');
  const directed = { ...plain, bodyText: '{"a":"[[fault:502]]"}' };
  assert.equal(book.choose({ ...directed, header: '503' })?.status, 503);
  assert.equal(book.choose({ ...directed, header: 'ok' }), undefined);
  assert.equal(book.choose(directed)?.status, 502);
  assert.equal(book.choose(plain)?.status, 501);
  assert.equal(book.choose({ ...plain, account: { key: 'sk-b', label: 'b' } })?.status, 500);
});

test('a rate is kept and follows from the seed', () => {
  const draw = (seed: string): readonly boolean[] => {
    const book = createFaultBook(seed);
    book.setPlan({ rate: 0.25, faults: ['500'] });
    return Array.from({ length: 1000 }, () => book.choose(plain) !== undefined);
  };
  const count = draw('one').filter(Boolean).length;
  assert.ok(count > 200 && count < 300, `${count} of 1000`);
  assert.deepEqual(draw('one'), draw('one'));
  assert.notDeepEqual(draw('one'), draw('two'));
});
