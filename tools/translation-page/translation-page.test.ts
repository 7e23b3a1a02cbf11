import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildTranslationPage } from './translation-page.ts';

test('docs/translation.md is what the codecs do now (npm run docs writes it)', () => {
  const path = join(import.meta.dirname, '..', '..', 'docs', 'translation.md');
  assert.equal(readFileSync(path, 'utf8'), buildTranslationPage());
});

test('the page knows a field that is kept, adapted, weakened, refused and ignored', () => {
  const page = buildTranslationPage();
  for (const outcome of ['| K |', '| A |', '| W seed_dropped', '| R ', '| I |', '| – |']) {
    assert.ok(page.includes(outcome), outcome);
  }
});
