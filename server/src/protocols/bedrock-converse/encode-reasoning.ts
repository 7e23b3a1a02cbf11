import { effortOfBudget, nearestEffort } from '../canonical/reasoning-levels.ts';
import type { CanonicalRequest, EffortLevel, JsonObject, Reasoning } from '../canonical/request.ts';
import type { BlockContext } from './encode-blocks.ts';

/** Reasoning settings travel among the model's own fields, in each family's own words. */
interface ReasoningFields {
  readonly fields: JsonObject;
  /** The family takes no sampling and no limit at this level. */
  readonly isSamplingFixed: boolean;
}

const levels: readonly EffortLevel[] = ['low', 'medium', 'high'];
const nothing: ReasoningFields = { fields: {}, isSamplingFixed: false };

export function encodeReasoning(request: CanonicalRequest, context: BlockContext): ReasoningFields {
  const { reasoning } = request;
  if (reasoning === undefined) return nothing;
  const wanted = wantedEffort(reasoning);
  switch (context.traits.reasoning) {
    case 'nova':
      return novaFields(wanted, context);
    case 'reasoning_effort':
    case 'reasoning_config':
      return plainField(context.traits.reasoning, wanted, context);
    case 'always':
      if (wanted === 'none') context.losses.add('reasoning_cannot_be_off');
      else if (wanted !== undefined) context.losses.add('reasoning_level_changed');
      return nothing;
    case 'none':
      break;
  }
  if (wanted !== 'none') context.losses.add('reasoning_dropped');
  return nothing;
}

function wantedEffort({ effort, style, budget }: Reasoning): EffortLevel | undefined {
  if (style === 'off') return 'none';
  return effort ?? (typeof budget === 'number' ? effortOfBudget(budget) : undefined);
}

/** At its highest level this family refuses temperature, top_p and the output limit. */
function novaFields(wanted: EffortLevel | undefined, { losses }: BlockContext): ReasoningFields {
  if (wanted === 'none') return { fields: { reasoningConfig: { type: 'disabled' } }, isSamplingFixed: false };
  const effort = nearestEffort(wanted ?? 'medium', levels) ?? 'medium';
  if (wanted !== undefined && wanted !== effort && wanted !== 'minimal')
    losses.add('reasoning_level_changed');
  return {
    fields: { reasoningConfig: { type: 'enabled', maxReasoningEffort: effort } },
    isSamplingFixed: effort === 'high',
  };
}

function plainField(
  field: 'reasoning_effort' | 'reasoning_config',
  wanted: EffortLevel | undefined,
  { losses }: BlockContext,
): ReasoningFields {
  if (wanted === undefined) return nothing;
  if (wanted === 'none') losses.add('reasoning_cannot_be_off');
  const effort = wanted === 'none' ? 'low' : (nearestEffort(wanted, levels) ?? 'low');
  if (effort !== wanted && wanted !== 'none' && wanted !== 'minimal') losses.add('reasoning_level_changed');
  return { fields: { [field]: effort }, isSamplingFixed: false };
}
