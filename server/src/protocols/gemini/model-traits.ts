import type { EffortLevel } from '../canonical/request.ts';

/** What models behind this wire accept, told by generation; a name without one is taken for a current model. */
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

const versionInName = /gemini-(\d+)(?:\.(\d+))?/;

export function versionOf(model: string): number | undefined {
  const match = versionInName.exec(model);
  return match === null ? undefined : Number(match[1]) * 100 + Number(match[2] ?? 0);
}

export function traitsOf(model: string): ModelTraits {
  const isGemma = model.includes('gemma');
  const version = versionOf(model) ?? (isGemma ? 0 : 300);
  const isThird = version >= 300;
  const isSecond = version >= 205 && !isThird;
  return {
    thinking: isThird ? 'levels' : isSecond ? 'budget' : 'none',
    levels: isThird ? levelsOf(model, version) : [],
    budget: budgetOf(model),
    needsSignatures: isThird,
    mixesTools: isThird,
    takesMediaInResponses: isThird,
    takesAddresses: version >= 205,
    takesSystem: !isGemma,
    validatesCalls: version >= 205,
  };
}

function levelsOf(model: string, version: number): readonly EffortLevel[] {
  if (model.includes('hydrogen')) return ['low', 'medium', 'high', 'xhigh'];
  const isFullFlash = version >= 307 && version < 400 && !model.includes('lite');
  const isUnnamed = versionOf(model) === undefined;
  return isFullFlash || isUnnamed || model.includes('-pro')
    ? ['low', 'medium', 'high']
    : ['minimal', 'low', 'medium', 'high'];
}

function budgetOf(model: string): ModelTraits['budget'] {
  return model.includes('-pro')
    ? { min: 128, max: 32_768, canBeOff: false }
    : { min: 512, max: 24_576, canBeOff: true };
}
