import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProtocolId } from '../protocols/canonical/request.ts';
import { azureOpenai } from './azure-openai.ts';
import { foundryClaude } from './foundry-claude.ts';

const endpoint = 'https://acme.openai.azure.com';

function pathOf(
  options: Readonly<Record<string, string>>,
  protocol: ProtocolId,
  { baseUrl = endpoint, query = '' }: { readonly baseUrl?: string; readonly query?: string } = {},
): string {
  const settings = { baseUrl, credential: '', options };
  const target = { operation: 'generate', query, stream: false } as const;
  const { pathname } = new URL(baseUrl);
  const { path } = azureOpenai.address(settings, protocol, 'my gpt', target);
  return (pathname === '/' ? '' : pathname) + path;
}

test('the v1 addresses name no deployment and no version', () => {
  for (const baseUrl of [endpoint, `${endpoint}/openai`, `${endpoint}/openai/v1`]) {
    assert.equal(pathOf({}, 'openai-chat', { baseUrl }), '/openai/v1/chat/completions');
    assert.equal(pathOf({}, 'openai-responses', { baseUrl }), '/openai/v1/responses');
  }
  assert.equal(pathOf({}, 'openai-embeddings'), '/openai/v1/embeddings');
});

test('the dated addresses name the deployment where the body does not suffice', () => {
  const dated = { 'api-version': '2025-04-01-preview' };
  assert.equal(
    pathOf(dated, 'openai-chat', { query: 'api-version=2020-01-01' }),
    '/openai/deployments/my%20gpt/chat/completions?api-version=2025-04-01-preview',
  );
  assert.equal(pathOf(dated, 'openai-responses'), '/openai/responses?api-version=2025-04-01-preview');
  assert.equal(
    pathOf(dated, 'openai-embeddings', { baseUrl: `${endpoint}/openai` }),
    '/openai/deployments/my%20gpt/embeddings?api-version=2025-04-01-preview',
  );
});

test('models without Responses are spoken to in Chat Completions alone', () => {
  const settings = (responses: string) => ({ baseUrl: endpoint, credential: '', options: { responses } });
  assert.deepEqual(azureOpenai.speaks('generate', 'm', settings('no')), ['openai-chat']);
  assert.deepEqual(azureOpenai.speaks('generate', 'm', settings('yes')), ['openai-responses', 'openai-chat']);
  assert.deepEqual(azureOpenai.speaks('stored', 'm', settings('no')), []);
  assert.deepEqual(azureOpenai.speaks('compact', 'm', settings('yes')), []);
});

test('Claude on Foundry is found with and without its prefix in the base URL', () => {
  const target = { operation: 'generate', query: '', stream: true } as const;
  for (const baseUrl of [
    'https://acme.services.ai.azure.com',
    'https://acme.services.ai.azure.com/anthropic',
  ]) {
    const settings = { baseUrl, credential: 'key', options: {} };
    const { path, headers } = foundryClaude.address(settings, 'anthropic-messages', 'm', target);
    assert.equal(new URL(baseUrl).pathname.replace(/\/$/, '') + path, '/anthropic/v1/messages');
    assert.deepEqual(headers, []);
    assert.deepEqual(foundryClaude.listModels.address(settings), {
      origin: 'https://acme.services.ai.azure.com',
      path: '/openai/v1/models',
      headers: [],
    });
  }
});
