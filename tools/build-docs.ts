/**
 * Writes the pages and files that are generated from code: `npm run docs`. A test beside each source fails while a
 * committed copy differs.
 */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildOpenapi } from '@qingzhou/contract';
import { buildConfigurationPage } from './configuration-page.ts';
import { buildTranslationPage } from './translation-page/translation-page.ts';

const root = resolve(import.meta.dirname, '..');
const pages: Readonly<Record<string, string>> = {
  'docs/configuration.md': buildConfigurationPage(),
  'docs/translation.md': buildTranslationPage(),
  'contract/openapi.json': `${JSON.stringify(buildOpenapi(), undefined, 2)}\n`,
};

for (const [path, text] of Object.entries(pages)) {
  writeFileSync(join(root, path), text);
  console.log(`wrote ${path}`);
}
