/**
 * The page a newcomer lands on: the address to use, a first call to paste, and where to read on. Holds no key and
 * calls nothing. Begin with `welcomePage`.
 */
import { codeTabs } from '../../components/code-tabs.ts';
import { copyButton } from '../../components/copy-button.ts';
import { element } from '../../lib/element.ts';
import type { Language } from '../../lib/language.ts';
import { firstCallExamples } from './first-call.ts';
import { welcomeTexts } from './texts.ts';
import type { WelcomeTexts } from './texts.ts';

export function welcomePage(language: Language, origin: string): readonly HTMLElement[] {
  const texts = welcomeTexts[language];
  return [
    element(
      'section',
      { className: 'hero' },
      element('p', { className: 'status' }, texts.running),
      element('h1', {}, language === 'en' ? 'Qingzhou' : '轻舟'),
      element('p', { className: 'tagline' }, texts.tagline),
    ),
    addresses(texts, origin),
    firstCall(texts, origin),
    nextSteps(texts),
    element('footer', {}, texts.footer),
  ];
}

function section(id: string, title: string, ...content: readonly HTMLElement[]): HTMLElement {
  const heading = element('h2', { attributes: { id } }, title);
  return element('section', { attributes: { 'aria-labelledby': id } }, heading, ...content);
}

function copyWords(texts: WelcomeTexts): { copy: string; copied: string; failed: string } {
  return { copy: texts.copy, copied: texts.copied, failed: texts.copyFailed };
}

function addresses(texts: WelcomeTexts, origin: string): HTMLElement {
  const rows: readonly (readonly [string, string])[] = [
    [texts.openai, `${origin}/v1`],
    [texts.anthropic, origin],
    [texts.gemini, origin],
  ];
  const list = element(
    'dl',
    { className: 'addresses' },
    ...rows.map(([who, address]) =>
      element(
        'div',
        {},
        element('dt', {}, who),
        element(
          'dd',
          {},
          element('code', {}, address),
          copyButton(() => address, copyWords(texts)),
        ),
      ),
    ),
  );
  return section('addresses', texts.baseUrlTitle, element('p', {}, texts.baseUrlHint), list);
}

function firstCall(texts: WelcomeTexts, origin: string): HTMLElement {
  return section(
    'first-call',
    texts.firstCallTitle,
    element('p', {}, texts.firstCallHint),
    codeTabs(texts.examples, firstCallExamples(origin), copyWords(texts)),
  );
}

function nextSteps(texts: WelcomeTexts): HTMLElement {
  const pages: readonly (readonly [string, string, string])[] = [
    ['callers', texts.callers, texts.callersHint],
    ['operators', texts.operators, texts.operatorsHint],
    ['configuration', texts.configuration, texts.configurationHint],
    ['policies', texts.policies, texts.policiesHint],
  ];
  const links = pages.map(([page, title, hint]) =>
    element(
      'li',
      {},
      element(
        'a',
        { attributes: { href: `/docs/${page}.html` } },
        element('strong', {}, title),
        element('span', {}, hint),
      ),
    ),
  );
  return section('next', texts.nextTitle, element('ul', { className: 'links' }, ...links));
}
