import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainRequestOf } from '../../../server/test/conformance/laws/material.ts';
import { unnamedLosses } from './carried-request.ts';

const plain = plainRequestOf('openai-chat');
const recorded = {
  ...plain,
  system: [{ type: 'text', text: 'Be kind.' } as const],
  sampling: { temperature: 0.3 },
  reasoning: { effort: 'high' } as const,
};

test('whatever a request lost on its way is noticed, unless a loss names it', () => {
  const lost = { recorded, said: recorded, reached: plain };
  const what = unnamedLosses(lost, []).map((problem) => problem.split(' changed', 1)[0]);
  assert.deepEqual(what, ['the system text', 'temperature', 'the reasoning level']);
  const named = ['json_mode_by_instruction', 'temperature_dropped', 'reasoning_dropped'];
  assert.deepEqual(unnamedLosses(lost, named), []);
  assert.deepEqual(unnamedLosses({ recorded, said: recorded, reached: recorded }, []), []);
});
