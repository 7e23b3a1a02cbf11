import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { CanonicalEvent, TokenLogprob } from './events.ts';
import { createStopFilter } from './stop-filter.ts';

const start: CanonicalEvent = { type: 'text-start', index: 0 };
const end: readonly CanonicalEvent[] = [
  { type: 'text-end', index: 0 },
  { type: 'stop', reason: 'end' },
];
const delta = (text: string): CanonicalEvent => ({ type: 'text-delta', index: 0, text });

interface Heard {
  readonly text: string;
  readonly sequence: string | undefined;
  readonly isDone: boolean;
}

function hear(pieces: readonly string[], stops: readonly string[]): Heard {
  const filter = createStopFilter(stops, 1);
  const events = [start, ...pieces.map(delta), ...end].flatMap((event) => filter.push(event));
  const stop = events.find((event) => event.type === 'stop');
  return {
    text: events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : [])).join(''),
    sequence: stop?.sequence,
    isDone: filter.isDone,
  };
}

suite('stop sequences that the relay enforces', () => {
  test('cut at the match and name it, also where it is spread over deltas', () => {
    for (const pieces of [['one STOP two'], ['one S', 'T', 'OP two'], 'one STOP two'.split('')]) {
      assert.deepEqual(hear(pieces, ['STOP']), { text: 'one ', sequence: 'STOP', isDone: true });
    }
  });

  test('give back what only looked like the beginning of one', () => {
    assert.deepEqual(hear(['a S', 'TO', ' b'], ['STOP']), {
      text: 'a STO b',
      sequence: undefined,
      isDone: false,
    });
    assert.equal(hear(['ends in ST'], ['STOP']).text, 'ends in ST');
  });

  test('take white space alone, and pass over empty ones', () => {
    assert.equal(hear(['a\n', '\nb'], ['\n\n']).text, 'a');
    assert.equal(hear(['ab'], ['']).text, 'ab');
  });

  test('of several take the one that is complete first', () => {
    assert.equal(hear(['xabcd'], ['abcd', 'bc']).sequence, 'bc');
    assert.equal(hear(['xabcd'], ['bcd', 'abcd']).sequence, 'abcd');
  });

  test('leave reasoning and the arguments of calls alone', () => {
    const filter = createStopFilter(['STOP'], 1);
    const events: readonly CanonicalEvent[] = [
      { type: 'reasoning-start', index: 0 },
      { type: 'reasoning-delta', index: 0, text: 'STOP' },
      { type: 'reasoning-end', index: 0 },
      { type: 'tool-call-start', index: 1, id: 'c', name: 'f' },
      { type: 'tool-call-delta', index: 1, argumentsText: '"STOP"' },
      { type: 'tool-call-end', index: 1 },
    ];
    assert.deepEqual(
      events.flatMap((event) => filter.push(event)),
      events,
    );
  });

  test('close an open call before they end the answer', () => {
    const filter = createStopFilter(['.'], 1);
    filter.push({ type: 'tool-call-start', index: 0, id: 'c', name: 'f' });
    const out = filter.push({ type: 'text-delta', index: 1, text: 'so.' });
    assert.deepEqual(
      out.map((event) => event.type),
      ['text-delta', 'text-end', 'tool-call-end', 'stop'],
    );
  });

  test('end every answer by itself and are done when all are over', () => {
    const filter = createStopFilter(['.'], 2);
    const first = filter.push({ type: 'text-delta', index: 0, text: 'a.b', choice: 1 });
    assert.equal(
      first.every((event) => event.choice === 1),
      true,
    );
    assert.equal(filter.isDone, false);
    assert.deepEqual(filter.push({ type: 'text-delta', index: 0, text: 'c', choice: 1 }), []);
    filter.push({ type: 'stop', reason: 'end' });
    assert.equal(filter.isDone, true);
  });

  test('keep the probabilities of the tokens that are kept', () => {
    const token = (text: string): TokenLogprob => ({ token: text, logprob: -1, top: [] });
    const filter = createStopFilter(['STOP'], 1);
    const events = [
      filter.push({ type: 'text-delta', index: 0, text: 'a S', logprobs: [token('a'), token(' S')] }),
      filter.push({ type: 'text-delta', index: 0, text: 'TOP b', logprobs: [token('TOP'), token(' b')] }),
    ].flat();
    const tokens = events.flatMap((event) => (event.type === 'text-delta' ? (event.logprobs ?? []) : []));
    assert.deepEqual(
      tokens.map((item) => item.token),
      ['a'],
    );
  });

  test('give the same answer however the text is cut into deltas', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 40 });
    const stops = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(letters, stops, fc.array(fc.nat(40)), (text, sequences, cuts) => {
        const places = [...new Set([0, ...cuts.filter((cut) => cut < text.length), text.length])].sort(
          (left, right) => left - right,
        );
        const pieces = places.slice(1).map((place, index) => text.slice(places[index], place));
        assert.deepEqual(hear(pieces, sequences), hear([text], sequences));
      }),
      { numRuns: 500 },
    );
  });
});
