import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Citation } from '../canonical/request.ts';
import { cutAtCitations } from './cited-texts.ts';

const citation = (start: number, end: number, url = 'https://a.example'): Citation => ({
  url,
  start,
  end,
  raw: null,
});
const told = (text: string, citations: readonly Citation[]): readonly (readonly [string, number])[] =>
  cutAtCitations({ type: 'text', text, citations }).map(
    (stretch) => [stretch.text, stretch.citations.length] as const,
  );

suite('a cited text', () => {
  test('is cut at the spans of its sources', () => {
    assert.deepEqual(told('One. Two. Three.', [citation(5, 9)]), [
      ['One. ', 0],
      ['Two.', 1],
      [' Three.', 0],
    ]);
  });

  test('has no piece of white space alone', () => {
    assert.deepEqual(told(' One. Two. ', [citation(1, 5), citation(6, 10)]), [
      [' One. ', 1],
      ['Two. ', 1],
    ]);
  });

  test('keeps sources of one span, and of spans that overlap, together', () => {
    assert.deepEqual(told('One. Two.', [citation(0, 4), citation(0, 4, 'https://b.example')]), [
      ['One.', 2],
      [' Two.', 0],
    ]);
    assert.deepEqual(told('One. Two.', [citation(2, 9), citation(0, 4)]), [['One. Two.', 2]]);
  });

  test('stays whole where a source does not say what it stands on, or points outside', () => {
    const open: Citation = { url: 'https://a.example', raw: null };
    assert.deepEqual(told('One. Two.', [citation(0, 4), open]), [['One. Two.', 2]]);
    assert.deepEqual(told('One.', [citation(0, 40)]), [['One.', 1]]);
  });

  test('loses neither a letter nor a source, wherever they point', () => {
    const span = fc.tuple(fc.integer({ min: -2, max: 30 }), fc.integer({ min: -2, max: 30 }));
    fc.assert(
      fc.property(fc.string({ maxLength: 28 }), fc.array(span, { maxLength: 6 }), (text, spans) => {
        const citations = spans.map(([start, end]) => citation(start, end));
        const stretches = cutAtCitations({ type: 'text', text, citations });
        assert.equal(stretches.map((stretch) => stretch.text).join(''), text);
        assert.equal(stretches.flatMap((stretch) => stretch.citations).length, citations.length);
        if (text.trim() !== '')
          assert.ok(stretches.every((stretch) => stretch.text.trim() !== '' || stretch.citations.length > 0));
      }),
    );
  });
});
