import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { dialectIds, quirkNames } from './index.ts';

const page = readFileSync(new URL('../../../../../docs/compatible-servers.md', import.meta.url), 'utf8');

test('every dialect and every quirk an account can name is on the page for operators', () => {
  const missing = [...dialectIds, ...quirkNames].filter((name) => !page.includes(`\`${name}\``));
  assert.deepEqual(missing, []);
});
