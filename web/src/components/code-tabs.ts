import { element } from '../lib/element.ts';
import { copyButton } from './copy-button.ts';
import type { CopyWords } from './copy-button.ts';

export interface CodeTab {
  readonly id: string;
  readonly title: string;
  readonly code: string;
}

/** Code in several languages, one visible. Arrow keys move between the tabs, as the ARIA pattern asks. */
export function codeTabs(label: string, tabs: readonly CodeTab[], words: CopyWords): HTMLElement {
  const code = element('code');
  const panel = element('pre', { attributes: { role: 'tabpanel', id: 'code-panel', tabindex: '0' } }, code);
  const buttons = tabs.map((tab) =>
    element(
      'button',
      {
        attributes: { type: 'button', role: 'tab', id: `tab-${tab.id}`, 'aria-controls': 'code-panel' },
        onClick: () => select(tab),
      },
      tab.title,
    ),
  );
  const list = element(
    'div',
    { className: 'tabs', attributes: { role: 'tablist', 'aria-label': label } },
    ...buttons,
  );

  function select(chosen: CodeTab): void {
    code.textContent = chosen.code;
    panel.setAttribute('aria-labelledby', `tab-${chosen.id}`);
    for (const [index, button] of buttons.entries()) {
      const isChosen = tabs[index] === chosen;
      button.setAttribute('aria-selected', String(isChosen));
      button.tabIndex = isChosen ? 0 : -1;
    }
  }

  list.addEventListener('keydown', (event) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const at = buttons.findIndex((button) => button === document.activeElement);
    const next = (at + step + tabs.length) % tabs.length;
    const tab = tabs[next];
    if (step === 0 || at === -1 || tab === undefined) return;
    select(tab);
    buttons[next]?.focus();
  });

  const [first] = tabs;
  if (first !== undefined) select(first);
  const bar = element(
    'div',
    { className: 'code-bar' },
    list,
    copyButton(() => code.textContent, words),
  );
  return element('div', { className: 'code-card' }, bar, panel);
}
