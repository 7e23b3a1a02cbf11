import type { LossList } from '../canonical/losses.ts';
import { defined } from '../canonical/read-json.ts';
import {
  budgetOfEffort,
  effortOfBudget,
  minThinkingBudget,
  nearestEffort,
} from '../canonical/reasoning-levels.ts';
import type { EffortLevel, JsonObject, Reasoning } from '../canonical/request.ts';
import type { ModelTraits } from './model-traits.ts';

/** Reasoning settings as `thinking` and `output_config.effort`, in the way the model's generation takes them. */
interface ReasoningPlan {
  readonly thinking?: JsonObject;
  readonly effort?: EffortLevel;
}

interface ReasoningContext {
  readonly traits: ModelTraits;
  readonly losses: LossList;
  /** `max_tokens` as it will be sent, and the most the model can produce. */
  readonly maxTokens: number;
  readonly maxOutput: number;
  /** The last tool call is open and its turn holds no thinking of this provider. */
  readonly isLoopWithoutThinking: boolean;
}

const styleTypes = {
  adaptive: 'adaptive',
  budget: 'enabled',
  off: 'disabled',
  'between-tools': 'between_tools',
} as const;

/** The client spoke this protocol: nothing is interpreted. */
export function encodeOwnReasoning(reasoning: Reasoning): ReasoningPlan {
  const { style, budget, show, effort } = reasoning;
  const shown = show === 'summary' ? 'summarized' : undefined;
  const display = show === 'none' ? 'omitted' : shown;
  const fields = defined({ budget_tokens: typeof budget === 'number' ? budget : undefined, display });
  const thinking = style === undefined ? undefined : { type: styleTypes[style], ...fields };
  return defined({ thinking, effort });
}

export function encodeForeignReasoning(reasoning: Reasoning, context: ReasoningContext): ReasoningPlan {
  const { traits, losses } = context;
  const wanted = wantedEffort(reasoning);
  if (traits.thinking === 'none') {
    if (wanted !== 'none') losses.add('reasoning_dropped');
    return {};
  }
  if (wanted === 'none') return turnOff(context);
  if (traits.thinking === 'budget') return budgetPlan(reasoning, wanted, context);
  const display = reasoning.show === 'none' ? 'omitted' : 'summarized';
  const effort = wanted === undefined ? undefined : nearestEffort(wanted, traits.efforts);
  // `minimal` has no word here and `low` is what it means; any other change is worth telling.
  if (effort !== wanted && wanted !== 'minimal') losses.add('reasoning_level_changed');
  return { thinking: { type: 'adaptive', display }, ...defined({ effort }) };
}

function wantedEffort({ effort, style, budget }: Reasoning): EffortLevel | undefined {
  if (style === 'off') return 'none';
  return effort ?? (typeof budget === 'number' ? effortOfBudget(budget) : undefined);
}

function turnOff({ traits, losses }: ReasoningContext): ReasoningPlan {
  if (traits.off === 'disabled')
    return traits.thinking === 'adaptive' ? { thinking: { type: 'disabled' } } : {};
  losses.add('reasoning_cannot_be_off');
  return traits.off === 'between-tools' ? { thinking: { type: 'between_tools' } } : { effort: 'low' };
}

/** The budget has to leave room under `max_tokens` for the answer itself. */
function budgetPlan(
  reasoning: Reasoning,
  wanted: EffortLevel | undefined,
  context: ReasoningContext,
): ReasoningPlan {
  if (context.isLoopWithoutThinking) {
    context.losses.add('reasoning_off_in_tool_loop');
    return {};
  }
  const asked =
    typeof reasoning.budget === 'number' && reasoning.effort === undefined
      ? reasoning.budget
      : budgetOfEffort(wanted ?? 'medium', context.maxOutput);
  const budget = Math.min(Math.max(asked, minThinkingBudget), context.maxTokens - minThinkingBudget);
  if (budget < minThinkingBudget) {
    context.losses.add('reasoning_off_small_limit');
    return {};
  }
  return { thinking: { type: 'enabled', budget_tokens: budget } };
}
