import type { ModelFacts } from '../../domain/catalogue.ts';
import type { ModelAbilities } from '../../domain/model-abilities.ts';
import { abilitiesOf } from '../../domain/model-families.ts';
import type { CanonicalRequest, EffortLevel } from '../canonical/request.ts';

/**
 * What a model takes on this wire, read off the catalogue. A server that speaks this protocol with a model of another
 * name gets the oldest common set.
 */
export interface ModelTraits {
  readonly thinking: 'none' | 'budget' | 'adaptive';
  /** How thinking can be turned off. */
  readonly off: 'disabled' | 'between-tools' | 'never';
  /** Levels of `output_config.effort`; empty where the field is unknown. */
  readonly efforts: readonly EffortLevel[];
  readonly takesSampling: boolean;
  /** The 4.x models refuse temperature together with top_p. */
  readonly takesTopPWithTemperature: boolean;
  /** Refused always, or only while thinking is on. */
  readonly forcedTools: 'always' | 'without-thinking' | 'never';
  readonly takesPrefill: boolean;
  /** `role: "system"` between the turns. */
  readonly takesSystemTurns: boolean;
  /** `output_config.format` and strict tools. */
  readonly hasSchemas: boolean;
}

const offWords = { yes: 'disabled', 'between-tools': 'between-tools', no: 'never' } as const;

/** The encoder and the decoder both ask; without `facts` the name alone tells. */
export function traitsOf(
  request: Pick<CanonicalRequest, 'model' | 'accepts'>,
  facts?: ModelFacts,
): ModelTraits {
  const reached = { model: request.model, protocol: 'anthropic-messages' };
  const accepts = request.accepts ?? abilitiesOf(reached, facts);
  // Other providers' models keep to what every server of this protocol knows.
  const isForeign = accepts.thinkingStyle === 'levels' || accepts.thinkingStyle === 'switch';
  return {
    thinking: thinkingOf(accepts),
    off: offWords[accepts.canDisableThinking],
    efforts: isForeign ? [] : accepts.efforts,
    takesSampling: accepts.sampling !== 'never',
    takesTopPWithTemperature: accepts.topPWithTemperature,
    forcedTools: accepts.forcedToolChoice,
    takesPrefill: isForeign || accepts.prefill,
    takesSystemTurns: !isForeign && accepts.systemMidTurn,
    hasSchemas: !isForeign && accepts.strictSchema,
  };
}

/** Servers of other providers take the budget in place of their own settings. */
function thinkingOf({ thinkingStyle }: ModelAbilities): ModelTraits['thinking'] {
  return thinkingStyle === 'levels' || thinkingStyle === 'switch' ? 'budget' : thinkingStyle;
}
