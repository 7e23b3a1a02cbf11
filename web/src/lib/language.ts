export const languages = [
  { code: 'en', name: 'English' },
  { code: 'zh-CN', name: '简体中文' },
] as const;

export type Language = (typeof languages)[number]['code'];

/** What was chosen before, else the first language of the browser that we have, else English. */
export function pickLanguage(remembered: string | null, preferred: readonly string[]): Language {
  for (const wanted of [remembered, ...preferred]) {
    if (wanted === null) continue;
    const base = wanted.toLowerCase().split('-')[0];
    const found = languages.find(({ code }) => code.toLowerCase().split('-')[0] === base);
    if (found !== undefined) return found.code;
  }
  return 'en';
}

const storageKey = 'qingzhou.language';

/** Storage may be switched off; then the choice lasts as long as the page. */
export function recallLanguage(): string | null {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null;
  }
}

export function rememberLanguage(language: Language): void {
  try {
    localStorage.setItem(storageKey, language);
  } catch {
    // The page works without it.
  }
}
