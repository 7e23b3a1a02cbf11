import type { ModelFacts } from '../domain/catalogue.ts';
import type { EffortLevel } from './canonical/request.ts';
import { dialectOf, type Dialect } from './openai-dialects.ts';

/**
 * What models behind Chat Completions and Responses accept. OpenAI's own are told by generation; every other name is a compatible
 * server, which gets the fields that all of them know.
 */
export interface ModelTraits {
  /** Name of the output limit. */
  readonly limitField: 'max_completion_tokens' | 'max_tokens';
  /** Levels of `reasoning_effort`; empty where the model does not reason. */
  readonly efforts: readonly EffortLevel[];
  readonly sampling: 'always' | 'without-reasoning' | 'never';
  readonly takesStop: boolean;
  /** Function tools are refused while the model reasons. */
  readonly refusesToolsWithReasoning: boolean;
  /** Cache breakpoints on parts. */
  readonly takesBreakpoints: boolean;
  /** `reasoning_content` of earlier turns is understood. */
  readonly takesReasoningText: boolean;
  /** `json_schema`, `strict`, `verbosity` and the like are enforced as documented. */
  readonly isOpenAi: boolean;
  readonly dialect: Dialect;
}

const compatible: ModelTraits = {
  limitField: 'max_tokens',
  efforts: ['low', 'medium', 'high'],
  sampling: 'always',
  takesStop: true,
  refusesToolsWithReasoning: false,
  takesBreakpoints: false,
  takesReasoningText: true,
  isOpenAi: false,
  dialect: dialectOf('', undefined),
};

const plainOpenAi: ModelTraits = {
  ...compatible,
  limitField: 'max_completion_tokens',
  efforts: [],
  takesReasoningText: false,
  isOpenAi: true,
};

const gptVersion = /(?:^|\/)gpt-(\d+)(?:\.(\d+))?/;
const oSeries = /(?:^|\/)o\d/;

export function traitsOf(model: string, facts: ModelFacts | undefined): ModelTraits {
  const gpt = gptVersion.exec(model);
  const isOSeries = oSeries.test(model);
  const spoken = { ...compatible, dialect: dialectOf(model, facts?.provider) };
  if (facts !== undefined && facts.provider !== 'openai') return spoken;
  if (gpt === null && !isOSeries) return facts === undefined ? spoken : plainOpenAi;
  const version = Number(gpt?.[1] ?? 0) * 100 + Number(gpt?.[2] ?? 0);
  const isChatTuned = /-chat(?:-|$)/.test(model);
  const isOpenWeights = /gpt-oss/.test(model);
  if (isOpenWeights) return spoken;
  if (!isOSeries && (version < 500 || isChatTuned)) return plainOpenAi;
  return {
    ...plainOpenAi,
    efforts: isOSeries ? ['low', 'medium', 'high'] : gptEfforts(version, model),
    sampling: samplingOf(version, model),
    takesStop: false,
    refusesToolsWithReasoning: version >= 506 && version < 600,
    takesBreakpoints: version >= 506,
  };
}

function gptEfforts(version: number, model: string): readonly EffortLevel[] {
  if (version >= 600) {
    const known: readonly EffortLevel[] = ['low', 'medium', 'high', 'xhigh', 'max'];
    return takesNone.test(model) ? ['none', ...known] : known;
  }
  if (version >= 506) return ['none', 'low', 'medium', 'high', 'xhigh', 'max'];
  if (version >= 502) return ['none', 'low', 'medium', 'high', 'xhigh'];
  return version >= 501 ? ['none', 'low', 'medium', 'high'] : ['minimal', 'low', 'medium', 'high'];
}

const takesNone = /gpt-6-(?:sol|luna)|gpt-6\.1-terra/;

function samplingOf(version: number, model: string): ModelTraits['sampling'] {
  const isOpen = (version >= 501 && version < 600) || takesNone.test(model);
  return isOpen ? 'without-reasoning' : 'never';
}
