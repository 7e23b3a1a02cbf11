import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pickLanguage } from './language.ts';

test('the language chosen before wins over that of the browser', () => {
  assert.equal(pickLanguage('en', ['zh-CN']), 'en');
});

test('the first language of the browser that we have is taken, whatever its region', () => {
  assert.equal(pickLanguage(null, ['fr-FR', 'zh-TW', 'en']), 'zh-CN');
  assert.equal(pickLanguage(null, ['en-GB']), 'en');
});

test('a language we do not have falls back to English', () => {
  assert.equal(pickLanguage('xx', ['fr']), 'en');
});
