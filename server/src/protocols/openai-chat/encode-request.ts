import type { ModelFacts } from '../../domain/catalogue.ts';
import { loseExtraFields } from '../canonical/extra-fields.ts';
import { createLossList } from '../canonical/losses.ts';
import { askedTier } from '../canonical/tiers.ts';
import { asObject, defined } from '../canonical/read-json.ts';
import type { CanonicalRequest, EffortLevel, JsonObject, Sampling } from '../canonical/request.ts';
import type { Encoded } from '../wire-protocol.ts';
import type { MessageContext } from './encode-context.ts';
import { encodeMessages } from './encode-messages.ts';
import { encodeReasoning, planReasoning } from './encode-reasoning.ts';
import { encodeOutput, encodeToolSettings } from './encode-tools.ts';
import { jsonSentence, lacksJsonWord } from '../openai-json-mode.ts';
import { traitsOf } from '../openai-model-traits.ts';
import { noTiers, openAiTiers } from '../openai-tiers.ts';
import { speak } from '../shared/openai-dialects/index.ts';

/** Upstream half: the canonical request as Chat Completions. Keys have one fixed order: prompt caches depend on it. */
export function encodeRequest(request: CanonicalRequest, facts: ModelFacts | undefined): Encoded<JsonObject> {
  const losses = createLossList();
  const isOwn = request.origin === 'openai-chat';
  const context: MessageContext = { isOwn, traits: traitsOf(request, facts), losses };
  if (!isOwn) loseForeign(request, context);
  const plan = planReasoning(request, context);
  const value: JsonObject = {
    model: request.model,
    messages: encodeMessages(isOwn ? request : withJsonWord(request), context),
    ...encodeToolSettings(
      plan.canForceTools ? request : { ...request, toolChoice: { type: 'auto' } },
      context,
    ),
    ...encodeOutput(request, context),
    ...encodeReasoning(request, plan, context),
    ...encodeLimit(request, facts, context),
    ...encodeSampling(request.sampling, plan.effort, context),
    ...encodeStop(request, context),
    ...defined({
      verbosity: request.verbosity,
      prompt_cache_key: isOwn || takesCacheKey(context) ? request.cacheKey : undefined,
      metadata: isOwn ? request.metadata : undefined,
    }),
    ...encodeCaller(request, context),
    ...(isOwn ? ownExtra(request) : {}),
    ...encodeStream(request),
  };
  return { value: isOwn ? value : spoken(value, context), losses: losses.list() };
}

/** In the server's own dialect, which may cost something too. */
function spoken(value: JsonObject, { traits, losses }: MessageContext): JsonObject {
  const { dialect, accepts } = traits;
  return speak(value, { dialect, accepts, lose: (code) => losses.add(code) });
}

function takesCacheKey({ traits }: MessageContext): boolean {
  return traits.isOpenAi || traits.dialect.cacheKeyField !== undefined;
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

/** JSON mode is refused where nothing speaks of JSON. */
function withJsonWord(request: CanonicalRequest): CanonicalRequest {
  if (!lacksJsonWord(request, 'everything')) return request;
  return { ...request, system: [...request.system, { type: 'text', text: jsonSentence }] };
}

function loseForeign(request: CanonicalRequest, { losses, traits }: MessageContext): void {
  loseExtraFields(request, losses);
  if (request.sampling.topK !== undefined && !traits.dialect.takesTopK) losses.add('top_k_dropped');
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

function encodeSampling(
  sampling: Sampling,
  effort: EffortLevel | undefined,
  context: MessageContext,
): JsonObject {
  const { isOwn, traits, losses } = context;
  const isTaken =
    isOwn || traits.sampling === 'always' || (traits.sampling === 'without-reasoning' && effort === 'none');
  const { temperature, topP } = sampling;
  if (!isTaken && temperature !== undefined && temperature !== 1) losses.add('temperature_dropped');
  if (!isTaken && topP !== undefined && topP !== 1) losses.add('top_p_dropped');
  if (!isTaken && sampling.logprobs === true) losses.add('logprobs_refused');
  return defined({
    temperature: isTaken ? temperature : undefined,
    top_p: isTaken ? topP : undefined,
    top_k: isOwn || traits.dialect.takesTopK ? sampling.topK : undefined,
    seed: sampling.seed,
    ...encodePenalties(sampling, context),
    logit_bias: sampling.logitBias,
    n: sampling.choices,
    logprobs: sampling.logprobs,
    top_logprobs: sampling.topLogprobs,
  });
}

/** Models that take none mostly refuse them. */
function encodePenalties(sampling: Sampling, { isOwn, traits, losses }: MessageContext): JsonObject {
  const { presencePenalty, frequencyPenalty } = sampling;
  if (isOwn || traits.accepts.penalties) {
    return defined({ presence_penalty: presencePenalty, frequency_penalty: frequencyPenalty });
  }
  if ((presencePenalty ?? 0) !== 0 || (frequencyPenalty ?? 0) !== 0) losses.add('penalties_dropped');
  return {};
}

/** What the upstream cannot take here the relay itself stops at. */
function encodeStop({ stop }: CanonicalRequest, { isOwn, traits }: MessageContext): JsonObject {
  const kept = isOwn ? stop : stop.slice(0, traits.stopLimit);
  return kept.length === 0 ? {} : { stop: kept };
}

function encodeCaller(request: CanonicalRequest, { isOwn, traits, losses }: MessageContext): JsonObject {
  const { endUser } = request;
  const words = traits.isOpenAi ? openAiTiers : noTiers;
  const isKept = isOwn || traits.isOpenAi;
  return defined({
    // Long ids of other protocols' clients are over the limit of the newer field.
    user: isKept ? endUser?.slice(0, 512) : undefined,
    service_tier: isOwn ? request.serviceTier : askedTier(request, words, losses),
  });
}
