import type { ModelFacts } from '../../domain/catalogue.ts';
import { loseExtraFields } from '../canonical/extra-fields.ts';
import { createLossList } from '../canonical/losses.ts';
import { asObject, defined } from '../canonical/read-json.ts';
import { effortOfBudget, nearestEffort } from '../canonical/reasoning-levels.ts';
import type { CanonicalRequest, EffortLevel, JsonObject, Sampling } from '../canonical/request.ts';
import type { Encoded } from '../wire-protocol.ts';
import type { MessageContext } from './encode-context.ts';
import { encodeMessages } from './encode-messages.ts';
import { encodeOutput, encodeToolSettings } from './encode-tools.ts';
import { traitsOf } from '../openai-model-traits.ts';

/** Upstream half: the canonical request as Chat Completions. Keys have one fixed order: prompt caches depend on it. */
const maxStops = 4;

export function encodeRequest(request: CanonicalRequest, facts: ModelFacts | undefined): Encoded<JsonObject> {
  const losses = createLossList();
  const isOwn = request.origin === 'openai-chat';
  const context: MessageContext = { isOwn, traits: traitsOf(request.model, facts), losses };
  if (!isOwn) loseForeign(request, context);
  const effort = isOwn ? request.reasoning?.effort : encodeEffort(request, context);
  const value: JsonObject = {
    model: request.model,
    messages: encodeMessages(request, context),
    ...encodeToolSettings(request, context),
    ...encodeOutput(request, context),
    ...encodeReasoning(request, effort, context),
    ...encodeLimit(request, facts, context),
    ...encodeSampling(request.sampling, effort, context),
    ...encodeStop(request, context),
    ...defined({
      verbosity: request.verbosity,
      prompt_cache_key: isOwn || context.traits.isOpenAi ? request.cacheKey : undefined,
      metadata: isOwn ? request.metadata : undefined,
    }),
    ...encodeCaller(request, context),
    ...(isOwn ? ownExtra(request) : {}),
    ...encodeStream(request),
  };
  return { value, losses: losses.list() };
}

/** Usage is always asked for in a stream: the relay needs it even when the client does not. */
function encodeStream(request: CanonicalRequest): JsonObject {
  if (!request.stream) return {};
  const own = request.origin === 'openai-chat' ? asObject(request.extra['stream_options']) : undefined;
  return { stream: true, stream_options: { ...own, include_usage: true } };
}

function ownExtra(request: CanonicalRequest): JsonObject {
  const {
    stream_options: _options,
    functions: _functions,
    function_call: _call,
    allowed_tools: _allowed,
    ...rest
  } = request.extra;
  return rest;
}

function loseForeign(request: CanonicalRequest, { losses }: MessageContext): void {
  loseExtraFields(request, losses);
  if (request.sampling.topK !== undefined) losses.add('top_k_dropped');
  if ((request.sampling.choices ?? 1) > 1) losses.add('choices_refused');
  if (request.sampling.logprobs === true) losses.add('logprobs_refused');
  if (request.maxOutputTokens === 0) losses.add('cache_warm_refused');
  const parts = request.turns.flatMap((turn) => turn.parts);
  const hasCitedDocuments = parts.some(
    (part) => part.type === 'document' && asObject(part.extra?.['citations'])?.['enabled'] === true,
  );
  if (hasCitedDocuments) losses.add('citations_dropped');
}

function encodeLimit(
  request: CanonicalRequest,
  facts: ModelFacts | undefined,
  { isOwn, traits, losses }: MessageContext,
): JsonObject {
  const wanted = request.maxOutputTokens;
  if (wanted === undefined) return {};
  const limit = facts === undefined || facts.maxOutput === 0 ? Infinity : facts.maxOutput;
  if (wanted > limit && !isOwn) losses.add('max_tokens_clamped');
  return { [traits.limitField]: isOwn ? wanted : Math.min(wanted, limit) };
}

/** The level in the server's own words. Servers with a switch in place of levels are told to think or not to. */
function encodeReasoning(
  request: CanonicalRequest,
  effort: EffortLevel | undefined,
  { isOwn, traits }: MessageContext,
): JsonObject {
  const field = isOwn ? 'reasoning_effort' : traits.dialect.reasoning;
  const isOff = wantedEffort(request) === 'none';
  const isAsked = request.reasoning !== undefined;
  if (field === 'reasoning_effort') return defined({ reasoning_effort: effort });
  if (!isAsked || field === 'none') return {};
  return field === 'thinking'
    ? { thinking: { type: isOff ? 'disabled' : 'enabled' } }
    : { enable_thinking: !isOff };
}

/** The level the model is asked for; `undefined` leaves it to the model. */
function encodeEffort(
  request: CanonicalRequest,
  { traits, losses }: MessageContext,
): EffortLevel | undefined {
  const wanted = wantedEffort(request);
  const hasTools = request.tools.some((tool) => tool.type === 'function');
  if (traits.refusesToolsWithReasoning && hasTools) {
    if (wanted !== 'none') losses.add('reasoning_off_with_tools');
    return 'none';
  }
  if (wanted === undefined) return undefined;
  if (traits.efforts.length === 0 || traits.dialect.reasoning === 'none') {
    if (wanted !== 'none') losses.add('reasoning_dropped');
    return undefined;
  }
  // A compatible server that is not asked to reason mostly does not; `none` is a word that few of them know.
  if (wanted === 'none' && !traits.isOpenAi) return undefined;
  const nearest = nearestEffort(wanted, traits.efforts);
  if (nearest !== wanted)
    losses.add(wanted === 'none' ? 'reasoning_cannot_be_off' : 'reasoning_level_changed');
  return nearest;
}

function wantedEffort({ reasoning }: CanonicalRequest): EffortLevel | undefined {
  if (reasoning?.style === 'off') return 'none';
  if (reasoning?.effort !== undefined && reasoning.style !== undefined) return reasoning.effort;
  if (typeof reasoning?.budget === 'number') return effortOfBudget(reasoning.budget);
  return reasoning?.effort;
}

function encodeSampling(
  sampling: Sampling,
  effort: EffortLevel | undefined,
  { isOwn, traits, losses }: MessageContext,
): JsonObject {
  const isTaken =
    isOwn || traits.sampling === 'always' || (traits.sampling === 'without-reasoning' && effort === 'none');
  const { temperature, topP } = sampling;
  if (!isTaken && temperature !== undefined && temperature !== 1) losses.add('temperature_dropped');
  if (!isTaken && topP !== undefined && topP !== 1) losses.add('top_p_dropped');
  return defined({
    temperature: isTaken ? temperature : undefined,
    top_p: isTaken ? topP : undefined,
    top_k: isOwn ? sampling.topK : undefined,
    seed: sampling.seed,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    logit_bias: sampling.logitBias,
    n: sampling.choices,
    logprobs: sampling.logprobs,
    top_logprobs: sampling.topLogprobs,
  });
}

/** What the upstream cannot take here the relay itself stops at. */
function encodeStop({ stop }: CanonicalRequest, { isOwn, traits }: MessageContext): JsonObject {
  if (stop.length === 0 || (!isOwn && !traits.takesStop)) return {};
  return { stop: isOwn ? stop : stop.slice(0, maxStops) };
}

const tiers: Readonly<Record<string, string>> = { auto: 'auto', standard_only: 'default' };

function encodeCaller(request: CanonicalRequest, { isOwn, traits, losses }: MessageContext): JsonObject {
  const { endUser, serviceTier } = request;
  const tier = isOwn || serviceTier === undefined ? serviceTier : tiers[serviceTier];
  if (serviceTier !== undefined && tier === undefined) losses.add('service_tier_dropped');
  const isKept = isOwn || traits.isOpenAi;
  return defined({
    // Long ids of other protocols' clients are over the limit of the newer field.
    user: isKept ? endUser?.slice(0, 512) : undefined,
    service_tier: isKept ? tier : undefined,
  });
}
