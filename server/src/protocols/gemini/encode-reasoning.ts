import type { LossList } from '../canonical/losses.ts';
import { effortOfBudget, nearestEffort } from '../canonical/reasoning-levels.ts';
import { defined } from '../canonical/read-json.ts';
import type { EffortLevel, JsonObject, Reasoning } from '../canonical/request.ts';
import type { ModelTraits } from './model-traits.ts';

/** Reasoning settings as `thinkingConfig`: a level from the third generation on, a budget before. */
export function encodeReasoning(
  reasoning: Reasoning | undefined,
  traits: ModelTraits,
  losses: LossList,
): JsonObject | undefined {
  if (reasoning === undefined) return undefined;
  const wanted = wantedEffort(reasoning);
  if (traits.thinking === 'none') {
    if (wanted !== 'none') losses.add('reasoning_dropped');
    return undefined;
  }
  const isShown = wanted !== 'none' && reasoning.show !== 'none';
  const amount =
    traits.thinking === 'levels'
      ? levelOf(wanted, traits, losses)
      : { thinkingBudget: budgetOf(reasoning, wanted, { traits, losses }) };
  const config = { ...amount, ...(isShown ? { includeThoughts: true } : {}) };
  return Object.keys(config).length === 0 ? undefined : config;
}

function wantedEffort({ effort, style, budget }: Reasoning): EffortLevel | undefined {
  if (style === 'off') return 'none';
  return effort ?? (typeof budget === 'number' ? effortOfBudget(budget) : undefined);
}

function levelOf(wanted: EffortLevel | undefined, traits: ModelTraits, losses: LossList): JsonObject {
  if (wanted === undefined) return {};
  const level = nearestEffort(wanted, traits.levels);
  if (wanted === 'none') losses.add('reasoning_cannot_be_off');
  else if (level !== wanted) losses.add('reasoning_level_changed');
  return defined({ thinkingLevel: level?.toUpperCase() });
}

const budgets: Readonly<Record<Exclude<EffortLevel, 'none'>, number>> = {
  minimal: 512,
  low: 2048,
  medium: 8192,
  high: 24_576,
  xhigh: 32_768,
  max: 32_768,
};

interface BudgetContext {
  readonly traits: ModelTraits;
  readonly losses: LossList;
}

/** -1 leaves the amount to the model. */
function budgetOf(
  reasoning: Reasoning,
  wanted: EffortLevel | undefined,
  { traits, losses }: BudgetContext,
): number {
  const { min, max, canBeOff } = traits.budget;
  if (wanted === 'none') {
    if (canBeOff) return 0;
    losses.add('reasoning_cannot_be_off');
    return min;
  }
  if (reasoning.effort === undefined && typeof reasoning.budget === 'number') {
    if (reasoning.budget > max || reasoning.budget < min) losses.add('reasoning_level_changed');
    return Math.min(Math.max(reasoning.budget, min), max);
  }
  if (wanted === undefined) return -1;
  if (wanted === 'minimal') return min;
  return wanted === 'high' ? max : Math.min(budgets[wanted], max);
}
