import type { ModelFacts } from '../../domain/catalogue.ts';
import { loseExtraFields } from '../canonical/extra-fields.ts';
import { hashHex } from '../canonical/hash.ts';
import { createLossList, type LossList } from '../canonical/losses.ts';
import { asObject, defined } from '../canonical/read-json.ts';
import { askedTier, type TierWords } from '../canonical/tiers.ts';
import type { CanonicalRequest, JsonObject, TextPart } from '../canonical/request.ts';
import type { Encoded } from '../wire-protocol.ts';
import { blocksOf, isThinkingBlock } from './encode-blocks.ts';
import { encodeForeignReasoning, encodeOwnReasoning } from './encode-reasoning.ts';
import { encodeToolChoice, encodeTools } from './encode-tools.ts';
import { encodeMessages, encodeSystem } from './encode-turns.ts';
import { limitCacheMarks } from './limit-cache-marks.ts';
import { traitsOf, type ModelTraits } from './model-traits.ts';
import { toNativeSchema } from './native-schema.ts';
import { planStructuredOutput } from './structured-output.ts';

/** Upstream half: the canonical request as Anthropic Messages. Keys have one fixed order: prompt caches depend on it. */
const defaultMaxOutput = 8192;

interface Context {
  readonly isOwn: boolean;
  readonly traits: ModelTraits;
  readonly losses: LossList;
}

export function encodeRequest(request: CanonicalRequest, facts: ModelFacts | undefined): Encoded<JsonObject> {
  const losses = createLossList();
  const isOwn = request.origin === 'anthropic-messages';
  const context: Context = { isOwn, traits: traitsOf(request, facts), losses };
  const limit = knownLimit(facts);
  const maxOutput = limit ?? defaultMaxOutput;
  const maxTokens = encodeMaxTokens(request, limit, losses);
  const messages = encodeMessages(request, context.traits, context);
  const { thinking, effort } = encodeReasoning(request, context, { maxTokens, maxOutput, messages });
  const isThinking = thinking !== undefined && thinking['type'] !== 'disabled';
  const toolContext = { ...context, isThinking };
  const tools = encodeTools(request, toolContext);
  const system = encodeSystem(systemParts(request, losses), context)['system'];
  const marked = isOwn ? { tools, system, messages } : limitCacheMarks({ tools, system, messages });
  if (!isOwn) loseExtraFields(request, losses);
  const value: JsonObject = {
    model: request.model,
    max_tokens: maxTokens,
    ...defined({ system: marked.system }),
    messages: marked.messages,
    ...(tools.length === 0 ? {} : { tools: marked.tools }),
    ...encodeToolChoice(request, toolContext),
    ...defined({ thinking: withOwnFields(thinking, request, 'thinking') }),
    ...encodeOutputConfig(request, effort, context),
    ...encodeSampling(request, isThinking, context),
    ...encodeStop(request, context),
    ...encodeCaller(request, context),
    ...(request.stream ? { stream: true } : {}),
    ...(isOwn ? ownExtra(request) : {}),
  };
  return { value, losses: losses.list() };
}

/** The catalogue writes 0 where nobody published the limit. */
function knownLimit(facts: ModelFacts | undefined): number | undefined {
  return facts === undefined || facts.maxOutput === 0 ? undefined : facts.maxOutput;
}

function encodeMaxTokens(request: CanonicalRequest, limit: number | undefined, losses: LossList): number {
  const wanted = request.maxOutputTokens;
  if (wanted === undefined) return limit ?? defaultMaxOutput;
  if (limit === undefined || wanted <= limit || request.origin === 'anthropic-messages') return wanted;
  losses.add('max_tokens_clamped');
  return limit;
}

interface ReasoningInputs {
  readonly maxTokens: number;
  readonly maxOutput: number;
  readonly messages: readonly JsonObject[];
}

function encodeReasoning(
  request: CanonicalRequest,
  context: Context,
  inputs: ReasoningInputs,
): ReturnType<typeof encodeOwnReasoning> {
  if (request.reasoning === undefined) return {};
  if (context.isOwn) return encodeOwnReasoning(request.reasoning);
  const { messages, ...limits } = inputs;
  const isLoopWithoutThinking = isOpenLoopWithoutThinking(messages);
  return encodeForeignReasoning(request.reasoning, { ...context, ...limits, isLoopWithoutThinking });
}

/** The last turn brings tool results, and the turn that asked for them does not begin with thinking. */
function isOpenLoopWithoutThinking(messages: readonly JsonObject[]): boolean {
  const first = asObject(blocksOf(messages.at(-1))[0]);
  if (first?.['type'] !== 'tool_result') return false;
  return !isThinkingBlock(blocksOf(messages.at(-2))[0]);
}

function systemParts(request: CanonicalRequest, losses: LossList): readonly TextPart[] {
  if (request.output?.type !== 'json') return request.system;
  losses.add('json_mode_by_instruction');
  return [...request.system, { type: 'text', text: 'Reply with one JSON object and nothing else.' }];
}

function encodeOutputConfig(
  request: CanonicalRequest,
  effort: string | undefined,
  context: Context,
): JsonObject {
  const plan = planStructuredOutput(request);
  const hasFormat = plan.kind === 'native' || plan.kind === 'call-by-format';
  const format = hasFormat ? { type: 'json_schema', schema: nativeSchema(plan.schema, context) } : undefined;
  if (request.verbosity !== undefined) context.losses.add('verbosity_dropped');
  const config = withOwnFields(defined({ effort, format }), request, 'output_config');
  return config === undefined || Object.keys(config).length === 0 ? {} : { output_config: config };
}

function nativeSchema(schema: JsonObject, { isOwn, losses }: Context): JsonObject {
  if (isOwn) return schema;
  const native = toNativeSchema(schema);
  if (native.isWeakened) losses.add('schema_rewritten');
  return native.schema;
}

function encodeSampling(request: CanonicalRequest, isThinking: boolean, context: Context): JsonObject {
  const { temperature, topP, topK } = request.sampling;
  if (context.isOwn) return defined({ temperature, top_p: topP, top_k: topK });
  const { traits, losses } = context;
  loseForeignSampling(request, losses);
  if (!traits.takesSampling || isThinking) {
    if (temperature !== undefined && temperature !== 1) losses.add('temperature_dropped');
    if (topP !== undefined && topP !== 1) losses.add('top_p_dropped');
    if (topK !== undefined) losses.add('top_k_dropped');
    return {};
  }
  if (temperature !== undefined && temperature > 1) losses.add('temperature_clamped');
  const keepsTopP = temperature === undefined || traits.takesTopPWithTemperature;
  if (topP !== undefined && topP !== 1 && !keepsTopP) losses.add('top_p_dropped');
  return defined({
    temperature: temperature === undefined ? undefined : Math.min(temperature, 1),
    top_p: keepsTopP ? topP : undefined,
    top_k: topK,
  });
}

function loseForeignSampling({ sampling }: CanonicalRequest, losses: LossList): void {
  if (sampling.seed !== undefined) losses.add('seed_dropped');
  if ((sampling.presencePenalty ?? 0) !== 0 || (sampling.frequencyPenalty ?? 0) !== 0) {
    losses.add('penalties_dropped');
  }
  if (Object.keys(sampling.logitBias ?? {}).length > 0) losses.add('logit_bias_dropped');
  if ((sampling.choices ?? 1) > 1) losses.add('choices_refused');
  if (sampling.logprobs === true) losses.add('logprobs_refused');
}

/** White space alone is refused here; the relay itself stops at it. */
function encodeStop(request: CanonicalRequest, { isOwn }: Context): JsonObject {
  const stops = isOwn ? request.stop : request.stop.filter((stop) => stop.trim() !== '');
  return stops.length === 0 ? {} : { stop_sequences: stops };
}

const tiers: TierWords = { auto: 'auto', standard: 'standard_only' };

function encodeCaller(request: CanonicalRequest, { isOwn, losses }: Context): JsonObject {
  const { endUser, serviceTier } = request;
  const tier = isOwn ? serviceTier : askedTier(request, tiers, losses);
  // The provider forbids mail addresses here.
  const user = endUser?.includes('@') === true && !isOwn ? `user_${hashHex(endUser)}` : endUser;
  const metadata = user === undefined ? undefined : { user_id: user };
  return defined({
    metadata: withOwnFields(metadata, request, 'metadata'),
    service_tier: tier,
  });
}

/** Fields of a known object that the canonical request has no place for, put back for this protocol's own clients. */
function withOwnFields(
  object: JsonObject | undefined,
  request: CanonicalRequest,
  field: string,
): JsonObject | undefined {
  if (request.origin !== 'anthropic-messages') return object;
  const own = asObject(request.extra[field]);
  return own === undefined ? object : { ...object, ...own };
}

function ownExtra(request: CanonicalRequest): JsonObject {
  const { thinking: _thinking, output_config: _config, metadata: _metadata, ...rest } = request.extra;
  return rest;
}
