import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applySplices } from '../platform/json-scan.ts';
import { limitGenerationConfig, limitTopLevel } from './limit-output.ts';
import type { Splice } from './wire-protocol.ts';

function spliced(text: string, limit: (body: Buffer) => readonly Splice[]): unknown {
  const body = Buffer.from(text);
  return JSON.parse(Buffer.concat(applySplices(body, limit(body))).toString());
}

test('a limit at the top level is replaced, wherever it stands and however it is called', () => {
  const limit = (body: Buffer) => limitTopLevel(body, ['max_completion_tokens', 'max_tokens'], 300);
  assert.deepEqual(spliced('{"model":"m","max_tokens": 9000 ,"n":1}', limit), {
    model: 'm',
    max_tokens: 300,
    n: 1,
  });
  assert.deepEqual(spliced('{"max_tokens":9,"max_completion_tokens":1e4}', limit), {
    max_tokens: 300,
    max_completion_tokens: 300,
  });
});

test('a limit that was not given is put in', () => {
  const limit = (body: Buffer) => limitTopLevel(body, ['max_tokens'], 300);
  assert.deepEqual(spliced(' { "model":"m" }', limit), { max_tokens: 300, model: 'm' });
  assert.deepEqual(spliced('{ }', limit), { max_tokens: 300 });
});

test('a limit inside the generation config is replaced or put in', () => {
  const limit = (body: Buffer) => limitGenerationConfig(body, 300);
  assert.deepEqual(spliced('{"generationConfig":{"topK":1,"maxOutputTokens":8192}}', limit), {
    generationConfig: { topK: 1, maxOutputTokens: 300 },
  });
  assert.deepEqual(spliced('{"generation_config":{"max_output_tokens":8192}}', limit), {
    generation_config: { max_output_tokens: 300 },
  });
  assert.deepEqual(spliced('{"contents":[],"generationConfig":{}}', limit), {
    contents: [],
    generationConfig: { maxOutputTokens: 300 },
  });
  assert.deepEqual(spliced('{"contents":[]}', limit), {
    contents: [],
    generationConfig: { maxOutputTokens: 300 },
  });
});
