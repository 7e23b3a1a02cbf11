import { effortOfBudget, nearestEffort } from '../canonical/reasoning-levels.ts';
import { defined } from '../canonical/read-json.ts';
import type { CanonicalRequest, EffortLevel, JsonObject } from '../canonical/request.ts';
import type { ModelTraits } from '../openai-model-traits.ts';
import { reasoningSettings, type Dialect } from '../shared/openai-dialects/index.ts';
import type { MessageContext } from './encode-context.ts';

/** What the model is told about reasoning, and whether it can be made to call a tool with that. */
interface ReasoningPlan {
  /** The level to ask for; `undefined` leaves it to the model. */
  readonly effort: EffortLevel | undefined;
  readonly isOff: boolean;
  /** Something is said at all. */
  readonly isTold: boolean;
  readonly canForceTools: boolean;
}

const untold: ReasoningPlan = { effort: undefined, isOff: false, isTold: false, canForceTools: true };

export function planReasoning(request: CanonicalRequest, context: MessageContext): ReasoningPlan {
  if (context.isOwn) {
    const effort = request.reasoning?.effort;
    return { ...untold, effort, isTold: effort !== undefined };
  }
  const { traits, losses } = context;
  const wanted = wantedEffort(request);
  const hasTools = request.tools.some((tool) => tool.type === 'function');
  if (traits.refusesToolsWithReasoning && hasTools) {
    if (wanted !== 'none') losses.add('reasoning_off_with_tools');
    return { effort: 'none', isOff: true, isTold: true, canForceTools: true };
  }
  const told = tell(request, wanted, context);
  if (!hasTools || !isForced(request) || traits.accepts.forcedToolChoice === 'always') return told;
  return planForced(told, request, context);
}

/** A model that is only made to call a tool while it does not think stops thinking, unless that was asked for. */
function planForced(
  told: ReasoningPlan,
  request: CanonicalRequest,
  { traits, losses }: MessageContext,
): ReasoningPlan {
  const { accepts, dialect } = traits;
  const isAsked = request.reasoning !== undefined && !told.isOff;
  const canStop = accepts.forcedToolChoice === 'without-thinking';
  if (canStop && !isAsked) return hasSwitch(dialect) ? { ...untold, isOff: true, isTold: true } : told;
  if (canStop && traits.efforts.length === 0) return told;
  losses.add('tool_choice_weakened');
  return { ...told, canForceTools: false };
}

/** Servers at which models think unless they are told not to. */
function hasSwitch({ reasoning }: Dialect): boolean {
  return ['thinking', 'thinking-or-effort', 'enable_thinking', 'template'].includes(reasoning);
}

function isForced({ toolChoice }: CanonicalRequest): boolean {
  return toolChoice?.type === 'required' || toolChoice?.type === 'tool';
}

function tell(
  request: CanonicalRequest,
  wanted: EffortLevel | undefined,
  { traits, losses }: MessageContext,
): ReasoningPlan {
  if (request.reasoning === undefined) return untold;
  const isOff = wanted === 'none';
  if (traits.efforts.length === 0 || traits.dialect.reasoning === 'none') {
    if (wanted !== undefined && !isOff) losses.add('reasoning_dropped');
    return { ...untold, isOff };
  }
  if (isOff) return tellOff(traits, losses);
  if (wanted === undefined) return { ...untold, isTold: true };
  const effort = nearestEffort(wanted, traits.efforts);
  const hasLevels = traits.accepts.thinkingStyle !== 'switch' && traits.accepts.thinkingStyle !== 'budget';
  if (effort !== wanted && hasLevels) losses.add('reasoning_level_changed');
  return { ...untold, effort, isTold: true };
}

/** `none` is a level that OpenAI documents; elsewhere it is a word that few servers know. */
function tellOff(traits: ModelTraits, losses: MessageContext['losses']): ReasoningPlan {
  const lowest = nearestEffort('none', traits.efforts);
  const canBeOff = traits.accepts.canDisableThinking !== 'no';
  if (traits.isOpenAi || (!canBeOff && lowest !== undefined)) {
    if (lowest !== 'none') losses.add('reasoning_cannot_be_off');
    return { ...untold, effort: lowest, isOff: lowest === 'none', isTold: true };
  }
  return { ...untold, effort: lowest === 'none' ? lowest : undefined, isOff: true, isTold: true };
}

function wantedEffort({ reasoning }: CanonicalRequest): EffortLevel | undefined {
  if (reasoning?.style === 'off') return 'none';
  if (reasoning?.effort !== undefined && reasoning.style !== undefined) return reasoning.effort;
  if (typeof reasoning?.budget === 'number') return effortOfBudget(reasoning.budget);
  return reasoning?.effort;
}

/** The plan in the server's own words. */
export function encodeReasoning(
  request: CanonicalRequest,
  plan: ReasoningPlan,
  { isOwn, traits }: MessageContext,
): JsonObject {
  if (!plan.isTold) return {};
  if (isOwn || traits.isOpenAi) return defined({ reasoning_effort: plan.effort });
  const asked = request.reasoning?.budget;
  const budget = typeof asked === 'number' ? asked : undefined;
  const { accepts } = traits;
  return reasoningSettings(traits.dialect, { isOff: plan.isOff, effort: plan.effort, budget, accepts });
}
