import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createLossList } from './losses.ts';
import { repairTurns } from './repair-turns.ts';
import type { Part, Turn } from './request.ts';

const call = (id: string): Part => ({ type: 'tool-call', id, name: 'f', argumentsText: '{}' });
const result = (callId: string): Part => ({ type: 'tool-result', callId, parts: [], isError: false });
const text = (value: string): Part => ({ type: 'text', text: value });

function shapeOf(turns: readonly Turn[]): readonly string[] {
  return repairTurns(turns, createLossList()).map(
    ({ role, parts }) =>
      `${role}: ${parts.map((part) => (part.type === 'tool-result' ? `result ${part.callId}` : part.type === 'text' ? part.text : part.type)).join(', ')}`,
  );
}

suite('turns put into the order every wire wants', () => {
  test('an instruction between a call and its results waits until after them', () => {
    const turns: Turn[] = [
      { role: 'assistant', parts: [call('a'), call('b')] },
      { role: 'tool', parts: [result('a')] },
      { role: 'system', parts: [text('Hurry')] },
      { role: 'user', parts: [result('b'), text('Done?')] },
    ];
    assert.deepEqual(shapeOf(turns), [
      'assistant: tool-call, tool-call',
      'tool: result a, result b',
      'system: Hurry',
      'user: Done?',
    ]);
  });

  test('calls without results are answered, also at the very end', () => {
    const losses = createLossList();
    const repaired = repairTurns([{ role: 'assistant', parts: [call('a')] }], losses);
    const [missing] = repaired[1]?.parts ?? [];
    assert.ok(missing?.type === 'tool-result' && missing.isError && missing.callId === 'a');
    assert.deepEqual(losses.list(), [{ code: 'missing_tool_result_added', outcome: 'weakened' }]);
  });

  test('another result of one call and a result without a call become user text', () => {
    const other: Part = { type: 'tool-result', callId: 'a', parts: [], isError: true };
    const turns: Turn[] = [
      { role: 'assistant', parts: [call('a')] },
      { role: 'tool', parts: [result('a')] },
      { role: 'tool', parts: [other] },
      { role: 'tool', parts: [result('b')] },
    ];
    assert.deepEqual(shapeOf(turns), [
      'assistant: tool-call',
      'tool: result a',
      'user: Tool result:',
      'user: Tool result:',
    ]);
  });

  test('the same result said again is left out without a word, at once and in a later turn', () => {
    const turns: Turn[] = [
      { role: 'assistant', parts: [call('a'), call('b')] },
      { role: 'user', parts: [result('a'), result('b'), result('a'), result('b')] },
      { role: 'assistant', parts: [text('Done.')] },
      { role: 'user', parts: [result('a'), text('Go on')] },
    ];
    const losses = createLossList();
    assert.deepEqual(repairTurns(turns, losses).slice(1), [
      { role: 'tool', parts: [result('a'), result('b')] },
      turns[2],
      { role: 'user', parts: [text('Go on')] },
    ]);
    assert.deepEqual(losses.list(), []);
  });
});
