import type { TierWords } from './canonical/tiers.ts';

/** Service tiers in the words of OpenAI's wires; Responses knows one more. */
export const openAiTiers: TierWords = {
  auto: 'auto',
  standard: 'default',
  flex: 'flex',
  priority: 'priority',
  scale: 'scale',
};
export const responsesTiers: TierWords = { ...openAiTiers, ultrafast: 'ultrafast' };
/** Compatible servers mostly know none: only what the usual tier covers goes without a loss. */
export const noTiers: TierWords = { auto: '', standard: '' };
