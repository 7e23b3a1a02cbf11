import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CanonicalEvent } from './events.ts';
import { createChoiceDecoder, decodeChoices, eventsOfChoice } from './choices.ts';
import { asObjects, asString, parseObject } from './read-json.ts';
import type { JsonObject } from './request.ts';

/** A decoder that says what it was given, so that only the splitting is under test. */
function echo(): {
  push(name: string | undefined, data: string): CanonicalEvent[];
  finish(): CanonicalEvent[];
} {
  let hasStarted = false;
  return {
    push(_name, data) {
      const payload = parseObject(data);
      if (payload === undefined) return [];
      const start: CanonicalEvent[] = hasStarted ? [] : [{ type: 'start', id: 'a', model: 'm' }];
      hasStarted = true;
      const texts = asObjects(payload['choices']).map((item) => asString(item['text']) ?? '');
      return [...start, ...texts.map((text): CanonicalEvent => ({ type: 'text-delta', index: 0, text }))];
    },
    finish: () => [{ type: 'stop', reason: 'end' }, { type: 'end' }],
  };
}

const payload = (...texts: readonly (readonly [number, string])[]): string =>
  JSON.stringify({ choices: texts.map(([index, text]) => ({ index, text })) });

suite('several answers in one stream', () => {
  test('are told apart by their place, start once and end once', () => {
    const decoder = createChoiceDecoder({ listKey: 'choices', createDecoder: echo });
    const events = [
      ...decoder.push(undefined, payload([1, 'b'])),
      ...decoder.push(undefined, payload([0, 'a'], [1, 'B'])),
      ...decoder.finish(),
    ];
    const count = (type: CanonicalEvent['type']): number =>
      events.filter((event) => event.type === type).length;
    assert.deepEqual([count('start'), count('stop'), count('end')], [1, 2, 1]);
    const textOf = (choice: number): string =>
      eventsOfChoice(events, choice)
        .map((event) => (event.type === 'text-delta' ? event.text : ''))
        .join('');
    assert.deepEqual([textOf(0), textOf(1)], ['a', 'bB']);
    const indexes = new Set(events.flatMap((event) => (event.type === 'text-delta' ? [event.index] : [])));
    assert.equal(indexes.size, 2);
  });

  test('are told apart in a whole body, with one usage', () => {
    const decode = (own: JsonObject): readonly CanonicalEvent[] => {
      const decoder = echo();
      const usage = own['usage'] === undefined ? [] : [{ type: 'ping' } as const];
      return [...decoder.push(undefined, JSON.stringify(own)), ...usage, ...decoder.finish()];
    };
    const body = {
      usage: {},
      choices: [
        { index: 0, text: 'a' },
        { index: 1, text: 'b' },
      ],
    };
    const events = decodeChoices(body, 'choices', decode);
    assert.equal(events.filter((event) => event.type === 'ping').length, 1);
    assert.equal(events.at(-1)?.type, 'end');
    assert.equal(eventsOfChoice(events, 1).filter((event) => event.type === 'text-delta').length, 1);
  });
});
