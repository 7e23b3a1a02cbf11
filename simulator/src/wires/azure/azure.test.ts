import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI, { AzureOpenAI } from 'openai';
import type { Simulator } from '../../index.ts';
import { at, eventsOf, send, textAt, withSimulator } from '../wire-test-kit.ts';

const apiKey = '0123456789abcdef0123456789abcdef';
const apiVersion = '2025-04-01-preview';
const deployments = {
  'my-mini': 'gpt-4.1-mini',
  'my-claude': 'claude-sonnet-4-5',
  vectors: 'text-embedding-3-small',
};
const messages = [{ role: 'user' as const, content: '[[say:good morning]]' }];

async function entraToken(simulator: Simulator, form: Readonly<Record<string, string>> = {}) {
  const { authority, tenantId, clientId, clientSecret } = simulator.cloud.application;
  const response = await fetch(`${authority}/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: 'https://cognitiveservices.azure.com/.default',
      ...form,
    }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

test("the resource's deployments are served to OpenAI's client for Azure and to its plain one", () =>
  withSimulator(
    async (simulator) => {
      const classic = new AzureOpenAI({ endpoint: `${simulator.url}/azure`, apiKey, apiVersion });
      const whole = await classic.chat.completions.create({ model: 'my-mini', messages });
      assert.equal(whole.choices[0]?.message.content, 'good morning');
      assert.ok('content_filter_results' in (whole.choices[0] ?? {}));
      const response = await classic.responses.create({ model: 'my-mini', input: '[[say:hi]]' });
      assert.equal(response.output_text, 'hi');
      const vectors = await classic.embeddings.create({ model: 'vectors', input: 'a' });
      assert.equal(vectors.data.length, 1);

      const baseURL = `${simulator.url}/azure/openai/v1`;
      const stream = await new OpenAI({ baseURL, apiKey }).chat.completions.create({
        model: 'my-mini',
        messages,
        stream: true,
      });
      let text = '';
      let empty = 0;
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? '';
        empty += chunk.choices.length === 0 ? 1 : 0;
      }
      assert.deepEqual([text, empty], ['good morning', 1]);
    },
    { deployments },
  ));

test('tokens of Entra are taken in place of the key, while they live', () =>
  withSimulator(
    async (simulator) => {
      const { body } = await entraToken(simulator);
      const client = new AzureOpenAI({
        endpoint: `${simulator.url}/azure`,
        apiVersion,
        azureADTokenProvider: () => Promise.resolve(body['access_token'] ?? ''),
      });
      assert.ok(await client.chat.completions.create({ model: 'my-mini', messages }));
      simulator.cloud.revokeTokens();
      await assert.rejects(client.chat.completions.create({ model: 'my-mini', messages }), { status: 401 });
      const wrong = await entraToken(simulator, { client_secret: 'wrong' });
      assert.deepEqual([wrong.status, wrong.body['error']], [401, 'invalid_client']);
      const elsewhere = await entraToken(simulator, { scope: 'https://graph.microsoft.com/.default' });
      assert.equal(elsewhere.body['error'], 'invalid_resource');
      const machine = await fetch(
        `${simulator.url}/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://cognitiveservices.azure.com/`,
        { headers: { metadata: 'true' } },
      );
      assert.equal(machine.status, 200);
    },
    { deployments },
  ));

test("Claude beside the deployments answers Anthropic's client", () =>
  withSimulator(
    async (simulator) => {
      const client = new Anthropic({ baseURL: `${simulator.url}/azure/anthropic`, apiKey });
      const message = await client.messages.create({ model: 'my-claude', max_tokens: 50, messages });
      assert.equal(textAt(message as never, 'content', 0, 'text'), 'good morning');
    },
    { deployments },
  ));

test('what Azure refuses is refused in its own words', () =>
  withSimulator(
    async (simulator) => {
      const base = `${simulator.url}/azure/openai`;
      const headers = { 'api-key': apiKey };
      const chat = `${base}/deployments/my-mini/chat/completions`;
      const dated = `${chat}?api-version=${apiVersion}`;
      const cases = [
        [
          dated,
          headers,
          { messages: [{ role: 'user', content: '[[content-filter]]' }] },
          400,
          'content_filter',
        ],
        [dated.replace('my-mini', 'none'), headers, { messages }, 404, 'DeploymentNotFound'],
        [chat, headers, { messages }, 404, '404'],
        [dated, { 'api-key': 'wrong' }, { messages }, 401, '401'],
      ] as const;
      for (const [url, sent, body, status, code] of cases) {
        const answer = await send(url, body, { headers: sent });
        assert.equal(answer.status, status, answer.text);
        assert.equal(textAt(answer.json, 'error', 'code'), code);
      }
      const stream = await send(dated, { messages, stream: true }, { headers });
      const [first] = eventsOf(stream.text);
      assert.ok(at(first, 'prompt_filter_results', 0));
    },
    { deployments },
  ));
