import type { ModelAbilities } from '../../../domain/model-abilities.ts';
import { budgetOfEffort } from '../../canonical/reasoning-levels.ts';
import type { EffortLevel, JsonObject } from '../../canonical/request.ts';
import type { Dialect, ReasoningFormat } from './dialect.ts';

/** What is asked of the model, in the terms of the ladder. */
export interface ReasoningWish {
  readonly isOff: boolean;
  /** The level to send; `undefined` leaves it to the model. */
  readonly effort: EffortLevel | undefined;
  readonly budget: number | undefined;
  readonly accepts: ModelAbilities;
}

type Settings = (wish: ReasoningWish) => JsonObject;

const effortField = ({ effort }: ReasoningWish): JsonObject =>
  effort === undefined ? {} : { reasoning_effort: effort };

const hasLevels = ({ accepts }: ReasoningWish): boolean => accepts.thinkingStyle === 'levels';

const switched = ({ isOff }: ReasoningWish): JsonObject => ({
  thinking: { type: isOff ? 'disabled' : 'enabled' },
});

const formats: Readonly<Record<ReasoningFormat, Settings>> = {
  effort: effortField,
  thinking: (wish) => ({ ...switched(wish), ...(hasLevels(wish) && !wish.isOff ? effortField(wish) : {}) }),
  'thinking-or-effort': (wish) => (hasLevels(wish) && !wish.isOff ? effortField(wish) : switched(wish)),
  enable_thinking: (wish) => {
    const budget = wish.isOff ? undefined : budgetFor(wish);
    return { enable_thinking: !wish.isOff, ...(budget === undefined ? {} : { thinking_budget: budget }) };
  },
  reasoning: ({ isOff, effort, budget }) => {
    if (isOff) return { reasoning: { effort: 'none' } };
    if (effort !== undefined) return { reasoning: { effort } };
    return { reasoning: budget === undefined ? { enabled: true } : { max_tokens: budget } };
  },
  'reasoning-enabled': (wish) => ({
    reasoning: { enabled: !wish.isOff },
    ...(hasLevels(wish) && !wish.isOff ? effortField(wish) : {}),
  }),
  'effort-or-default': (wish) => {
    if (hasLevels(wish)) return effortField(wish);
    // Without it, models of this host write their thinking into the text.
    return { reasoning_effort: wish.isOff ? 'none' : 'default', reasoning_format: 'parsed' };
  },
  template: (wish) => {
    if (hasLevels(wish)) return effortField(wish);
    return { chat_template_kwargs: { enable_thinking: !wish.isOff, thinking: !wish.isOff } };
  },
  none: () => ({}),
};

/** The fields that say it to this server. */
export function reasoningSettings(dialect: Dialect, wish: ReasoningWish): JsonObject {
  return formats[dialect.reasoning](wish);
}

/** A budget as given, or the one a level stands for, within what the model takes. */
function budgetFor({ budget, effort, accepts }: ReasoningWish): number | undefined {
  const { min, max } = accepts.budgetRange;
  const wanted = budget ?? (effort === undefined ? undefined : budgetOfEffort(effort, max));
  return wanted === undefined ? undefined : Math.min(max, Math.max(min, wanted));
}
