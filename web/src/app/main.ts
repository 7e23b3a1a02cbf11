/**
 * The web app's start: language, frame and page. Layers point down, `lib` and `components` -> `features` -> `app`.
 * No inline script or style, so that the strictest content policy holds. Begin here.
 */
import { welcomePage } from '../features/welcome/welcome-page.ts';
import { welcomeTexts } from '../features/welcome/texts.ts';
import { element } from '../lib/element.ts';
import { languages, pickLanguage, recallLanguage, rememberLanguage } from '../lib/language.ts';
import type { Language } from '../lib/language.ts';

function render(language: Language): void {
  document.documentElement.lang = language;
  const page = document.querySelector('#page');
  page?.replaceChildren(
    element(
      'header',
      {},
      element('a', { className: 'brand', attributes: { href: '/' } }, mark(), '轻舟 Qingzhou'),
      languageSwitch(language),
    ),
    element('main', {}, ...welcomePage(language, location.origin)),
  );
}

function mark(): HTMLElement {
  return element('img', { attributes: { src: '/favicon.svg', alt: '', width: '28', height: '28' } });
}

function languageSwitch(current: Language): HTMLElement {
  const buttons = languages.map(({ code, name }) =>
    element(
      'button',
      {
        attributes: { type: 'button', lang: code, 'aria-pressed': String(code === current) },
        onClick: () => {
          rememberLanguage(code);
          render(code);
          document.querySelector<HTMLElement>(`.languages [lang="${code}"]`)?.focus();
        },
      },
      name,
    ),
  );
  const label = welcomeTexts[current].language;
  return element(
    'div',
    { className: 'languages', attributes: { role: 'group', 'aria-label': label } },
    ...buttons,
  );
}

render(pickLanguage(recallLanguage(), navigator.languages));
