import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { ThinkTags } from './think-tags.ts';

function split(pieces: readonly string[]): { reasoning: string; text: string } {
  const tags = new ThinkTags();
  const said = [...pieces.map((piece) => tags.push(piece)), tags.finish()];
  return {
    reasoning: said.map((one) => one.reasoning).join(''),
    text: said.map((one) => one.text).join(''),
  };
}

suite('reasoning written into the text', () => {
  test('is told apart, wherever the marks are cut', () => {
    const whole = ' <think>\nIs 1 < 2? </th is no mark.</think>\n\nYes, </think> is.';
    const expected = { reasoning: 'Is 1 < 2? </th is no mark.', text: 'Yes, </think> is.' };
    assert.deepEqual(split([whole]), expected);
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length)), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
        const pieces = at.slice(1).map((end, index) => whole.slice(at[index], end));
        assert.deepEqual(split(pieces), expected);
      }),
    );
  });

  test('that never ends is reasoning; a text without marks is text', () => {
    assert.deepEqual(split(['<think>on', ' and on']), { reasoning: 'on and on', text: '' });
    assert.deepEqual(split([' <thi', 's is text']), { reasoning: '', text: ' <this is text' });
    assert.deepEqual(split(['plain <think>no</think>']), { reasoning: '', text: 'plain <think>no</think>' });
  });
});
