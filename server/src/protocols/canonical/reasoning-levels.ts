import type { EffortLevel } from './request.ts';

/** Reasoning effort as one ladder, and its exchange with token budgets. */
const ladder: readonly EffortLevel[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

export function asEffort(value: unknown): EffortLevel | undefined {
  return ladder.find((level) => level === value);
}

/** The nearest level the model has, downwards first: asking for less costs less than was allowed. */
export function nearestEffort(
  wanted: EffortLevel,
  available: readonly EffortLevel[],
): EffortLevel | undefined {
  const from = ladder.indexOf(wanted);
  const below = ladder.slice(0, from + 1).findLast((level) => available.includes(level));
  return below ?? ladder.slice(from).find((level) => available.includes(level));
}

/** Shares of the model's output limit, and the floor every thinking budget has. */
const budgetShares: Readonly<Record<EffortLevel, number>> = {
  none: 0,
  minimal: 0,
  low: 0.1,
  medium: 0.3,
  high: 0.6,
  xhigh: 0.9,
  max: 0.95,
};
export const minThinkingBudget = 1024;

export function budgetOfEffort(effort: EffortLevel, maxOutput: number): number {
  return Math.max(minThinkingBudget, Math.floor(maxOutput * budgetShares[effort]));
}

export function effortOfBudget(budget: number): EffortLevel {
  if (budget <= 0) return 'none';
  if (budget <= 1024) return 'minimal';
  if (budget <= 4096) return 'low';
  if (budget <= 12_288) return 'medium';
  return budget <= 24_576 ? 'high' : 'xhigh';
}
