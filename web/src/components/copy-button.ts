/**
 * Parts that pages are made of. A component is given its words and what to do; it knows no page, no language and no
 * address. Begin with `code-tabs.ts`.
 */
import { element } from '../lib/element.ts';

export interface CopyWords {
  readonly copy: string;
  readonly copied: string;
  readonly failed: string;
}

/** A button that puts text on the clipboard and says whether it did, to screen readers too. */
export function copyButton(text: () => string, words: CopyWords): HTMLButtonElement {
  const button = element('button', { className: 'copy', attributes: { type: 'button' } }, words.copy);
  button.setAttribute('aria-live', 'polite');
  const show = (word: string): void => {
    button.textContent = word;
    setTimeout(() => {
      button.textContent = words.copy;
    }, 1_600);
  };
  button.addEventListener('click', () => {
    copy(text()).then(
      () => show(words.copied),
      () => show(words.failed),
    );
  });
  return button;
}

async function copy(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
}
