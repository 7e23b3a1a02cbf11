import type { ModelFacts } from '../../domain/catalogue.ts';
import { loseExtraFields } from '../canonical/extra-fields.ts';
import { createLossList } from '../canonical/losses.ts';
import { askedTier } from '../canonical/tiers.ts';
import { asObject, asObjects, defined } from '../canonical/read-json.ts';
import { effortOfBudget, nearestEffort } from '../canonical/reasoning-levels.ts';
import type { CanonicalRequest, EffortLevel, JsonObject } from '../canonical/request.ts';
import { traitsOf } from '../openai-model-traits.ts';
import { responsesTiers } from '../openai-tiers.ts';
import type { Encoded } from '../wire-protocol.ts';
import type { InputContext } from './encode-context.ts';
import { includedSteps } from './hosted-tools.ts';
import { encodeInput } from './encode-input.ts';
import { encodeText, encodeToolSettings } from './encode-tools.ts';

/**
 * Upstream half: the canonical request as Responses. Nothing is kept at the provider, so reasoning comes back
 * encrypted. Keys have one fixed order: prompt caches depend on it.
 */
const minOutputTokens = 16;

export function encodeRequest(request: CanonicalRequest, facts: ModelFacts | undefined): Encoded<JsonObject> {
  const losses = createLossList();
  const isOwn = request.origin === 'openai-responses';
  const context: InputContext = {
    isOwn,
    traits: traitsOf(request, facts),
    losses,
    customCalls: customCallIds(request),
  };
  if (!isOwn) loseForeign(request, context);
  const effort = isOwn ? request.reasoning?.effort : encodeEffort(request, context);
  const input = encodeInput(request, context);
  const toolSettings = encodeToolSettings(request, context);
  const value: JsonObject = {
    model: request.model,
    ...input,
    ...toolSettings,
    ...encodeText(request, context),
    ...encodeReasoning(request, effort, context),
    ...encodeLimit(request, facts, context),
    ...encodeSampling(request, effort, context),
    ...defined({
      prompt_cache_key: request.cacheKey,
      metadata: isOwn ? request.metadata : undefined,
    }),
    ...encodeCaller(request, context),
    ...(isOwn ? ownExtra(request) : statelessFields(request, context, toolSettings)),
    ...(request.stream ? { stream: true } : {}),
  };
  return { value, losses: losses.list() };
}

function statelessFields(
  { sampling }: CanonicalRequest,
  { traits }: InputContext,
  settings: JsonObject,
): JsonObject {
  const isReasoning = traits.efforts.length > 0;
  const include = [
    ...(isReasoning ? ['reasoning.encrypted_content'] : []),
    ...(sampling.logprobs === true ? ['message.output_text.logprobs'] : []),
    ...includedSteps(asObjects(settings['tools'])),
  ];
  return { store: false, ...(include.length === 0 ? {} : { include }) };
}

function ownExtra(request: CanonicalRequest): JsonObject {
  const {
    echo: _echo,
    allowed_tools: _allowed,
    reasoning: _reasoning,
    compacted_history: _compacted,
    ...rest
  } = request.extra;
  return rest;
}

/** A free-text tool and its calls exist on this wire and on Chat Completions. */
function customCallIds(request: CanonicalRequest): ReadonlySet<string> {
  const parts = request.turns.flatMap((turn) => turn.parts);
  return new Set(
    parts.flatMap((part) => (part.type === 'tool-call' && part.extra?.['custom'] === true ? [part.id] : [])),
  );
}

function loseForeign(request: CanonicalRequest, { losses }: InputContext): void {
  const { sampling, turns } = request;
  loseExtraFields(request, losses);
  if (sampling.topK !== undefined) losses.add('top_k_dropped');
  if (sampling.seed !== undefined) losses.add('seed_dropped');
  const { presencePenalty = 0, frequencyPenalty = 0 } = sampling;
  if (presencePenalty !== 0 || frequencyPenalty !== 0) losses.add('penalties_dropped');
  if (sampling.logitBias !== undefined) losses.add('logit_bias_dropped');
  if ((sampling.choices ?? 1) > 1) losses.add('choices_refused');
  if (request.maxOutputTokens === 0) losses.add('cache_warm_refused');
  const hasCitedDocuments = turns
    .flatMap((turn) => turn.parts)
    .some((part) => part.type === 'document' && asObject(part.extra?.['citations'])?.['enabled'] === true);
  if (hasCitedDocuments) losses.add('citations_dropped');
}

function encodeLimit(
  request: CanonicalRequest,
  facts: ModelFacts | undefined,
  { isOwn, losses }: InputContext,
): JsonObject {
  const wanted = request.maxOutputTokens;
  if (wanted === undefined) return {};
  if (isOwn) return { max_output_tokens: wanted };
  const limit = facts === undefined || facts.maxOutput === 0 ? Infinity : facts.maxOutput;
  if (wanted > limit) losses.add('max_tokens_clamped');
  if (wanted < minOutputTokens) losses.add('max_tokens_raised');
  return { max_output_tokens: Math.max(minOutputTokens, Math.min(wanted, limit)) };
}

/** The client sees no reasoning unless summaries are asked for. */
function encodeReasoning(
  request: CanonicalRequest,
  effort: EffortLevel | undefined,
  { isOwn, traits }: InputContext,
): JsonObject {
  if (isOwn) {
    const reasoning = { ...asObject(request.extra['reasoning']), ...defined({ effort }) };
    return Object.keys(reasoning).length === 0 ? {} : { reasoning };
  }
  if (request.reasoning === undefined || traits.efforts.length === 0) return {};
  const isHidden = request.reasoning.show === 'none' || effort === 'none';
  const reasoning = defined({ effort, summary: isHidden ? undefined : 'auto' });
  return Object.keys(reasoning).length === 0 ? {} : { reasoning };
}

/** The level the model is asked for; `undefined` leaves it to the model. */
function encodeEffort(request: CanonicalRequest, { traits, losses }: InputContext): EffortLevel | undefined {
  const wanted = wantedEffort(request);
  if (wanted === undefined) return undefined;
  if (traits.efforts.length === 0) {
    if (wanted !== 'none') losses.add('reasoning_dropped');
    return undefined;
  }
  const nearest = nearestEffort(wanted, traits.efforts);
  if (nearest !== wanted)
    losses.add(wanted === 'none' ? 'reasoning_cannot_be_off' : 'reasoning_level_changed');
  return nearest;
}

function wantedEffort({ reasoning }: CanonicalRequest): EffortLevel | undefined {
  if (reasoning?.style === 'off') return 'none';
  if (reasoning?.effort !== undefined) return reasoning.effort;
  return typeof reasoning?.budget === 'number' ? effortOfBudget(reasoning.budget) : undefined;
}

function encodeSampling(
  { sampling }: CanonicalRequest,
  effort: EffortLevel | undefined,
  { isOwn, traits, losses }: InputContext,
): JsonObject {
  const { temperature, topP, logprobs, topLogprobs } = sampling;
  const isTaken =
    isOwn || traits.sampling === 'always' || (traits.sampling === 'without-reasoning' && effort === 'none');
  if (!isTaken && temperature !== undefined && temperature !== 1) losses.add('temperature_dropped');
  if (!isTaken && topP !== undefined && topP !== 1) losses.add('top_p_dropped');
  if (!isTaken && logprobs === true) losses.add('logprobs_refused');
  return defined({
    temperature: isTaken ? temperature : undefined,
    top_p: isTaken ? topP : undefined,
    top_logprobs: isOwn || logprobs === true ? topLogprobs : undefined,
  });
}

function encodeCaller(request: CanonicalRequest, { isOwn, losses }: InputContext): JsonObject {
  const { endUser, serviceTier } = request;
  return defined({
    // Long ids of other protocols' clients are over the limit of the newer field.
    user: endUser?.slice(0, 512),
    service_tier: isOwn ? serviceTier : askedTier(request, responsesTiers, losses),
  });
}
