import type { OpenAiModel } from './models.ts';

const budgets: Readonly<Record<string, number>> = {
  minimal: 256,
  low: 1024,
  medium: 4096,
  high: 16_384,
  xhigh: 32_768,
  max: 65_536,
};

/** How long a model thinks at an effort; not at all at `none` or when it does not reason. */
export function thinkingBudget(
  model: OpenAiModel,
  effort: string | undefined,
): { readonly budgetTokens: number } | undefined {
  if (model.reasoning === undefined || effort === undefined || effort === 'none') return undefined;
  return { budgetTokens: budgets[effort] ?? 4096 };
}
