import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildConfigurationPage } from './configuration-page.ts';

test('docs/configuration.md is the page the settings table gives (npm run docs writes it)', () => {
  const committed = readFileSync(join(import.meta.dirname, '..', 'docs', 'configuration.md'), 'utf8');
  assert.equal(committed, buildConfigurationPage());
});
