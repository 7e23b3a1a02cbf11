import type { ModelFacts } from '../../domain/catalogue.ts';
import { abilitiesOf } from '../../domain/model-families.ts';
import type { CanonicalRequest, EffortLevel } from '../canonical/request.ts';

/** What a model takes on this wire, read off the catalogue; an unknown name is taken for a current model. */
export interface ModelTraits {
  /** `none`: the model does not think. */
  readonly thinking: 'levels' | 'budget' | 'none';
  /** Levels, lowest first; empty where the model takes a budget. */
  readonly levels: readonly EffortLevel[];
  readonly budget: { readonly min: number; readonly max: number; readonly canBeOff: boolean };
  /** Calls of the current turn must be signed. */
  readonly needsSignatures: boolean;
  /** Functions together with JSON output, and with tools of the provider. */
  readonly mixesTools: boolean;
  /** Media inside function responses. */
  readonly takesMediaInResponses: boolean;
  /** Media by web address. */
  readonly takesAddresses: boolean;
  readonly takesSystem: boolean;
  /** Mode `VALIDATED`, which holds calls to their schemas. */
  readonly validatesCalls: boolean;
}

const protocol = 'gemini';
const thinkingOf = {
  none: 'none',
  budget: 'budget',
  levels: 'levels',
  adaptive: 'levels',
  switch: 'levels',
} as const;

export function traitsOf(
  request: Pick<CanonicalRequest, 'model' | 'accepts'>,
  facts: ModelFacts | undefined,
): ModelTraits {
  const accepts = request.accepts ?? abilitiesOf({ model: request.model, protocol }, facts);
  return {
    thinking: thinkingOf[accepts.thinkingStyle],
    levels: accepts.efforts,
    budget: { ...accepts.budgetRange, canBeOff: accepts.canDisableThinking === 'yes' },
    needsSignatures: accepts.signedCalls,
    mixesTools: accepts.mixesTools,
    takesMediaInResponses: accepts.imageInToolResult,
    takesAddresses: accepts.mediaUrls,
    takesSystem: accepts.systemRole,
    validatesCalls: accepts.validatesCalls,
  };
}

/** Models whose calls are signed read each other's signatures. */
export function signsCalls(model: string): boolean {
  return abilitiesOf({ model, protocol }, undefined).signedCalls;
}
