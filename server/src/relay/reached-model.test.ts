import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelFacts } from '../domain/catalogue.ts';
import { protocolRegistry } from '../protocols/registry.ts';
import { openai } from '../upstreams/openai.ts';
import { openaiCompatible } from '../upstreams/openai-compatible.ts';
import type { UpstreamKind } from '../upstreams/upstream-kind.ts';
import type { CallCandidate } from './connection.ts';
import { reachedModel } from './reached-model.ts';

const facts: ModelFacts = {
  id: 'house-model',
  provider: 'example',
  aliases: [],
  contextWindow: 0,
  maxOutput: 0,
  inputModalities: ['text'],
  outputModalities: ['text'],
  acceptsAt: { groq: { stopLimit: 1 }, openai: { stopLimit: 2 } },
};

function candidate(kind: UpstreamKind, preset?: string): CallCandidate {
  const settings = { baseUrl: 'https://models.example.com/v1', credential: 'key', options: {} };
  const named = preset === undefined ? {} : { preset };
  return {
    upstreamModel: 'house-model',
    availableAt: 0,
    ability: {
      protocol: protocolRegistry['openai-chat'],
      catalogueModel: 'house-model',
      mode: 'translation',
      price: 'free',
    },
    account: {
      connection: { kind, settings: { ...settings, ...named }, origin: '', basePath: '' },
      catalogueModels: [],
      record: {
        id: 'acct_1' as never,
        name: 'a',
        kind: kind.id,
        ...named,
        sealedCredential: new Uint8Array(),
        modelMap: {},
        options: {},
        priority: 1,
        unpriced: 'free',
        createdAt: 0,
      },
    },
  };
}

test('a row says what its model accepts, and what it accepts at one upstream alone', () => {
  const plain = reachedModel(candidate(openaiCompatible), facts);
  assert.deepEqual([plain.dialect, plain.accepts?.stopLimit, plain.accepts?.vision], [undefined, 4, false]);
  const atGroq = reachedModel(candidate(openaiCompatible, 'groq'), facts);
  assert.deepEqual([atGroq.dialect, atGroq.accepts?.stopLimit], ['groq', 1]);
  const atOpenAi = reachedModel(candidate(openai), facts);
  assert.deepEqual([atOpenAi.dialect, atOpenAi.accepts?.stopLimit], [undefined, 2]);
});
