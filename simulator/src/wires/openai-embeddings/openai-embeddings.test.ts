import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { at, openaiKey, send, withSimulator } from '../wire-test-kit.ts';

test('the official client decodes the same unit vector that is sent as numbers', () =>
  withSimulator(async (simulator) => {
    const client = new OpenAI({ apiKey: 'sk-wire-tests', baseURL: `${simulator.url}/v1`, maxRetries: 0 });
    const request = { model: 'text-embedding-3-small', input: ['a red boat', 'a blue boat', 'tax law'] };
    const packed = await client.embeddings.create(request);
    const plain = await client.embeddings.create({ ...request, encoding_format: 'float' });
    const vectors = packed.data.map(({ embedding }) => embedding);
    assert.equal(vectors[0]?.length, 1536);
    assert.deepEqual(
      vectors,
      plain.data.map(({ embedding }) => embedding),
    );
    assert.ok(Math.abs(Math.hypot(...(vectors[0] ?? [])) - 1) < 1e-5);
    const [first = [], second = [], third = []] = vectors;
    assert.ok(dot(first, second) > dot(first, third), 'texts with words in common are closer');
    assert.equal(packed.usage.prompt_tokens, packed.usage.total_tokens);
  }));

test('token lists count as many tokens as they have, and dimensions are obeyed', () =>
  withSimulator(async (simulator) => {
    const body = { model: 'text-embedding-3-large', input: [[1, 2, 3], [4]], dimensions: 8 };
    const answer = await send(`${simulator.url}/v1/embeddings`, body, { headers: openaiKey });
    assert.deepEqual(at(answer.json, 'usage'), { prompt_tokens: 4, total_tokens: 4 });
    assert.equal((at(answer.json, 'data', 1, 'embedding') as number[]).length, 8);
  }));

test('what cannot be embedded is refused', () =>
  withSimulator(async (simulator) => {
    const statusOf = async (change: object): Promise<number> => {
      const body = { model: 'text-embedding-3-small', input: 'x', ...change };
      return (await send(`${simulator.url}/v1/embeddings`, body, { headers: openaiKey })).status;
    };
    assert.equal(await statusOf({}), 200);
    assert.equal(await statusOf({ input: '' }), 400);
    assert.equal(await statusOf({ input: [] }), 400);
    assert.equal(await statusOf({ dimensions: 5000 }), 400);
    assert.equal(await statusOf({ model: 'text-embedding-ada-002', dimensions: 8 }), 400);
    assert.equal(await statusOf({ other: 1 }), 400);
    assert.equal(await statusOf({ model: 'gpt-4o' }), 403);
    assert.equal(await statusOf({ model: 'nobody' }), 404);
  }));

function dot(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
}
