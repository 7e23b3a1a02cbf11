import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Citation } from '../canonical/request.ts';
import { CitedStream } from './cited-stream.ts';

type Step = string | readonly [start: number, end: number];

/** Blocks as a client puts them together: their words, and how many sources each has. */
function blocksOf(steps: readonly Step[]): readonly (readonly [string, number])[] {
  const blocks: { text: string; sources: number }[] = [];
  let isOpen = false;
  const open = (): { text: string; sources: number } => {
    if (!isOpen) blocks.push({ text: '', sources: 0 });
    isOpen = true;
    return blocks.at(-1)!;
  };
  const stream = new CitedStream({
    text(_index, text) {
      open().text += text;
      return '';
    },
    cite() {
      open().sources += 1;
      return '';
    },
    end() {
      isOpen = false;
      return '';
    },
  });
  for (const step of steps) {
    if (typeof step === 'string') {
      stream.push(0, step);
      continue;
    }
    const [start, end] = step;
    const citation: Citation = { url: 'https://a.example', start, end, raw: null };
    stream.cite(0, citation);
  }
  stream.end(0);
  return blocks.map(({ text, sources }) => [text, sources]);
}

suite('a streamed text', () => {
  test('begins a block where its sources point, told right after the words', () => {
    assert.deepEqual(blocksOf(['It is ', 'high ', '(a)', [11, 14], '. And', ' so.']), [
      ['It is high ', 0],
      ['(a)', 1],
      ['. And so.', 0],
    ]);
  });

  test('is cut within a piece, and has no block of white space alone', () => {
    assert.deepEqual(blocksOf(['One. Two. Three', [0, 4], [5, 9], ' ', '.']), [
      ['One. ', 1],
      ['Two.', 1],
      [' Three .', 0],
    ]);
    assert.deepEqual(blocksOf(['One.', [0, 4], ' ', 'Two.', [5, 9], '\n']), [
      ['One. ', 1],
      ['Two.\n', 1],
    ]);
  });

  test('keeps sources of the same words together, and late ones on the block that is open', () => {
    assert.deepEqual(blocksOf(['One.', [0, 4], [0, 4], ' Two.']), [
      ['One.', 2],
      [' Two.', 0],
    ]);
    assert.deepEqual(blocksOf(['One.', ' Two.', ' Three.', [0, 4]]), [['One. Two. Three.', 1]]);
  });

  test('loses neither a word nor a source, wherever sources point', () => {
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.string({ minLength: 1, maxLength: 6 }),
      fc.tuple(fc.integer({ min: 0, max: 24 }), fc.integer({ min: 0, max: 24 })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 9 }), (rest) => {
        const steps = ['a', ...rest];
        const blocks = blocksOf(steps);
        const words = steps.filter((each) => typeof each === 'string');
        assert.equal(blocks.map(([text]) => text).join(''), words.join(''));
        assert.equal(
          blocks.reduce((sum, [, sources]) => sum + sources, 0),
          steps.length - words.length,
        );
      }),
    );
  });
});
