import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { modelAbilities } from '../../src/domain/model-abilities.ts';
import { traitsOf } from '../../src/protocols/bedrock-converse/model-traits.ts';
import { dialectNamed } from '../../src/protocols/shared/openai-dialects/index.ts';

/** A fact of a model or a server that no encoder goes by promises what the relay does not do. */
const src = new URL('../../src/', import.meta.url);

function sources(): string {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => readFileSync(new URL(path, src), 'utf8'))
    .join('\n');
}

/** Those names that are read of nothing called so. */
function unread(names: readonly string[], holder: string, text: string): readonly string[] {
  return names.filter((name) => !new RegExp(`(?:${holder})\\??\\.${name}\\b`, 'u').test(text));
}

const text = sources();

test('every fact of a model is gone by somewhere', () => {
  assert.deepEqual(unread(Object.keys(modelAbilities.shape), 'accepts', text), []);
  assert.deepEqual(unread(Object.keys(traitsOf('amazon.nova-pro-v1:0')), 'traits', text), []);
});

test('every fact of a server that speaks Chat Completions is gone by somewhere', () => {
  const dialect = dialectNamed('openrouter');
  // `id` is its name, `seen` the day on which its facts were compared with the provider.
  const facts = Object.keys(dialect).filter((name) => name !== 'id' && name !== 'seen');
  assert.ok(facts.length > 8);
  assert.deepEqual(unread(facts, 'dialect|dialectNamed\\([^)]*\\)', text), []);
});

test('a fact that nobody goes by is found', () => {
  assert.deepEqual(unread(['read', 'forgotten'], 'accepts', 'if (accepts.read) forgotten = 1'), [
    'forgotten',
  ]);
});
