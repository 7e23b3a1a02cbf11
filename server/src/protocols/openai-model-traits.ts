import type { ModelFacts } from '../domain/catalogue.ts';
import type { ModelAbilities } from '../domain/model-abilities.ts';
import { abilitiesOf } from '../domain/model-families.ts';
import type { CanonicalRequest, EffortLevel } from './canonical/request.ts';
import { dialectOf } from './openai-dialects.ts';
import type { Dialect } from './shared/openai-dialects/index.ts';

/**
 * What a model behind Chat Completions or Responses takes, read off the catalogue: OpenAI's own models as documented,
 * every other one as its server's dialect says.
 */
export interface ModelTraits {
  readonly accepts: ModelAbilities;
  /** Name of the output limit. */
  readonly limitField: 'max_completion_tokens' | 'max_tokens';
  /** Levels of `reasoning_effort`; empty where the model does not reason. */
  readonly efforts: readonly EffortLevel[];
  readonly sampling: 'always' | 'without-reasoning' | 'never';
  /** Stop sequences the server takes; the relay itself stops at the rest. */
  readonly stopLimit: number;
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

type Reached = Pick<CanonicalRequest, 'model' | 'accepts' | 'dialect'>;

export function traitsOf(request: Reached, facts: ModelFacts | undefined): ModelTraits {
  const accepts = request.accepts ?? abilitiesOf({ model: request.model, protocol: 'openai-chat' }, facts);
  const isOwnHost = request.dialect === undefined && (facts === undefined || facts.provider === 'openai');
  const isOpenAi = isOwnHost && accepts.openAiFields;
  const dialect = dialectOf(request, facts);
  return {
    accepts,
    limitField: isOpenAi ? 'max_completion_tokens' : dialect.limitField,
    efforts: isOpenAi ? accepts.efforts : effortsOf(accepts, dialect),
    sampling: accepts.sampling,
    stopLimit: Math.min(accepts.stopLimit, dialect.stopLimit ?? 4),
    refusesToolsWithReasoning: isOpenAi && !accepts.toolsWhileReasoning,
    takesBreakpoints: isOpenAi && accepts.cacheBreakpoints,
    takesReasoningText: !isOpenAi && accepts.replayReasoning !== 'no',
    isOpenAi,
    dialect,
  };
}

/** What both the model and its server know; the server's own where they have no level in common. */
function effortsOf(accepts: ModelAbilities, dialect: Dialect): readonly EffortLevel[] {
  if (accepts.thinkingStyle === 'none') return [];
  const common = accepts.efforts.filter((effort) => dialect.efforts.includes(effort));
  return common.length === 0 ? dialect.efforts : common;
}
