import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { geminiKey, send, textAt, withSimulator } from '../wire-test-kit.ts';

test('the official client lists models and reads one, and an unknown one is not found', () =>
  withSimulator(async (simulator) => {
    const client = new OpenAI({ apiKey: 'sk-wire-tests', baseURL: `${simulator.url}/v1`, maxRetries: 0 });
    const list = await client.models.list();
    assert.ok(list.data.some(({ id }) => id === 'gpt-6-sol'));
    assert.equal((await client.models.retrieve('gpt-4o')).object, 'model');
    await assert.rejects(client.models.retrieve('gpt-0'), { status: 404, code: 'model_not_found' });
  }));

test('an account with a list of its own is offered that list alone', () =>
  withSimulator(
    async (simulator) => {
      const client = new OpenAI({ apiKey: 'sk-own-list', baseURL: `${simulator.url}/v1`, maxRetries: 0 });
      const list = await client.models.list();
      assert.deepEqual(
        list.data.map(({ id }) => id),
        ['gpt-4o', 'house-model'],
      );
      await assert.rejects(client.models.retrieve('gpt-5'), { status: 404 });
    },
    { accounts: [{ key: 'sk-own-list', models: ['gpt-4o', 'house-model'] }] },
  ));

test('on the shared path the key of another provider gets that provider’s list', () =>
  withSimulator(async (simulator) => {
    const answer = await send(`${simulator.url}/v1/models`, undefined, { headers: geminiKey });
    assert.match(textAt(answer.json, 'models', 0, 'name'), /^models\//u);
  }));
