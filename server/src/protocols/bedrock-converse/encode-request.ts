import type { ModelFacts } from '../../domain/catalogue.ts';
import { loseExtraFields } from '../canonical/extra-fields.ts';
import { createLossList } from '../canonical/losses.ts';
import { defined } from '../canonical/read-json.ts';
import type { CanonicalRequest, JsonObject, OutputFormat, TextPart } from '../canonical/request.ts';
import type { Encoded } from '../wire-protocol.ts';
import type { BlockContext } from './encode-blocks.ts';
import { createDocumentNames } from './encode-media.ts';
import { encodeReasoning } from './encode-reasoning.ts';
import { encodeToolConfig } from './encode-tools.ts';
import { encodeMessages, encodeSystem } from './encode-turns.ts';
import { limitCachePoints } from './limit-cache-points.ts';
import { traitsOf } from './model-traits.ts';

/** Upstream half: the canonical request as a Converse body. The model and the way of answering stand in the address. */
export function encodeRequest(request: CanonicalRequest, facts: ModelFacts | undefined): Encoded<JsonObject> {
  const losses = createLossList();
  const context: BlockContext = { traits: traitsOf(request.model), losses, documents: createDocumentNames() };
  loseForeign(request, context);
  const limit = facts === undefined || facts.maxOutput === 0 ? undefined : facts.maxOutput;
  const maxTokens = encodeLimit(request, limit, context);
  const messages = encodeMessages(request, context);
  const { fields, isSamplingFixed } = encodeReasoning(request, context);
  const toolConfig = encodeToolConfig(request, context);
  const output = encodeOutput(request, context);
  const system = encodeSystem([...request.system, ...output.instructions], context);
  const inferenceConfig = encodeInference(request, { maxTokens, isSamplingFixed, context });
  const own = { ...fields, ...encodeTopK(request, isSamplingFixed, context) };
  const value = limitCachePoints({
    ...(system.length === 0 ? {} : { system }),
    messages,
    ...(Object.keys(inferenceConfig).length === 0 ? {} : { inferenceConfig }),
    ...defined({ toolConfig, outputConfig: output.config, serviceTier: encodeTier(request, context) }),
    ...(Object.keys(own).length === 0 ? {} : { additionalModelRequestFields: own }),
    ...(context.traits.tellsStopSequence && request.stop.length > 0
      ? { additionalModelResponseFieldPaths: ['/stop_sequence'] }
      : {}),
  });
  return { value, losses: losses.list() };
}

function loseForeign(request: CanonicalRequest, { losses }: BlockContext): void {
  loseExtraFields(request, losses);
  const { sampling } = request;
  if (sampling.seed !== undefined) losses.add('seed_dropped');
  if ((sampling.presencePenalty ?? 0) !== 0 || (sampling.frequencyPenalty ?? 0) !== 0) {
    losses.add('penalties_dropped');
  }
  if (Object.keys(sampling.logitBias ?? {}).length > 0) losses.add('logit_bias_dropped');
  if ((sampling.choices ?? 1) > 1) losses.add('choices_refused');
  if (sampling.logprobs === true) losses.add('logprobs_refused');
  if (request.maxOutputTokens === 0) losses.add('cache_warm_refused');
  if (request.verbosity !== undefined) losses.add('verbosity_dropped');
}

/** Without a limit the families fall back on limits of their own, some of a few hundred tokens. */
function encodeLimit(
  request: CanonicalRequest,
  limit: number | undefined,
  { losses }: BlockContext,
): number | undefined {
  const wanted = request.maxOutputTokens;
  if (wanted === undefined || limit === undefined || wanted <= limit) return wanted ?? limit;
  losses.add('max_tokens_clamped');
  return limit;
}

interface InferenceInputs {
  readonly maxTokens: number | undefined;
  readonly isSamplingFixed: boolean;
  readonly context: BlockContext;
}

function encodeInference(request: CanonicalRequest, inputs: InferenceInputs): JsonObject {
  const { losses } = inputs.context;
  const { temperature, topP } = request.sampling;
  const stops = request.stop.filter((stop) => stop.trim() !== '');
  const stopSequences = stops.length === 0 ? undefined : stops;
  if (inputs.isSamplingFixed) {
    if (temperature !== undefined && temperature !== 1) losses.add('temperature_dropped');
    if (topP !== undefined && topP !== 1) losses.add('top_p_dropped');
    if (request.maxOutputTokens !== undefined) losses.add('max_tokens_dropped');
    return defined({ stopSequences });
  }
  if (temperature !== undefined && temperature > 1) losses.add('temperature_clamped');
  return defined({
    maxTokens: inputs.maxTokens,
    temperature: temperature === undefined ? undefined : Math.min(temperature, 1),
    topP,
    stopSequences,
  });
}

function encodeTopK(request: CanonicalRequest, isFixed: boolean, context: BlockContext): JsonObject {
  const { topK } = request.sampling;
  if (topK === undefined) return {};
  const field = isFixed ? undefined : context.traits.topK;
  if (field === undefined) context.losses.add('top_k_dropped');
  if (field === 'inferenceConfig') return { inferenceConfig: { topK } };
  return field === undefined ? {} : { [field]: topK };
}

interface OutputPlan {
  readonly config?: JsonObject;
  /** Said in the prompt where the model is not held to a format. */
  readonly instructions: readonly TextPart[];
}

function encodeOutput({ output }: CanonicalRequest, { traits, losses }: BlockContext): OutputPlan {
  if (output === undefined || output.type === 'text') return { instructions: [] };
  const schema = output.type === 'schema' ? output.schema : undefined;
  if (schema === undefined) {
    losses.add('json_mode_by_instruction');
    return { instructions: [{ type: 'text', text: 'Reply with one JSON object and nothing else.' }] };
  }
  if (traits.hasSchemas) return { config: schemaConfig(schema, output), instructions: [] };
  losses.add('schema_by_instruction');
  const text = `Reply with one JSON object that fits this JSON schema, and nothing else:\n${JSON.stringify(schema)}`;
  return { instructions: [{ type: 'text', text }] };
}

function schemaConfig(schema: JsonObject, output: OutputFormat): JsonObject {
  const { name, description } = output;
  const jsonSchema = { ...defined({ name }), schema: JSON.stringify(schema), ...defined({ description }) };
  return { textFormat: { type: 'json_schema', structure: { jsonSchema } } };
}

const tiers: Readonly<Record<string, string | undefined>> = {
  default: 'default',
  standard: 'default',
  standard_only: 'default',
  flex: 'flex',
  priority: 'priority',
};

function encodeTier({ serviceTier }: CanonicalRequest, { losses }: BlockContext): JsonObject | undefined {
  if (serviceTier === undefined || serviceTier === 'auto') return undefined;
  const type = tiers[serviceTier.toLowerCase()];
  if (type === undefined) losses.add('service_tier_dropped');
  return type === undefined ? undefined : { type };
}
