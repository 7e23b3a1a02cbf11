import type { ModelFacts } from '../../domain/catalogue.ts';
import { loseExtraFields } from '../canonical/extra-fields.ts';
import { createLossList } from '../canonical/losses.ts';
import { asObject, defined } from '../canonical/read-json.ts';
import { askedTier, type TierWords } from '../canonical/tiers.ts';
import type { CanonicalRequest, JsonObject } from '../canonical/request.ts';
import { spokenTexts } from '../canonical/spoken-texts.ts';
import type { Encoded } from '../wire-protocol.ts';
import { encodeContents } from './encode-contents.ts';
import { encodeReasoning } from './encode-reasoning.ts';
import { encodeToolSettings, ownExtra, type EncodeContext } from './encode-tools.ts';
import { toReadableSchema } from './json-schema.ts';
import { traitsOf } from './model-traits.ts';

/** Upstream half: the canonical request as generateContent. Keys have one fixed order: prompt caches depend on it. */
const maxStops = 5;
const maxChoices = 8;

export function encodeRequest(request: CanonicalRequest, facts: ModelFacts | undefined): Encoded<JsonObject> {
  const losses = createLossList();
  const isOwn = request.origin === 'gemini';
  const context: EncodeContext = { isOwn, traits: traitsOf(request, facts), losses };
  if (!isOwn) loseForeign(request, context);
  const { config, instruction } = encodeOutput(request, context);
  const system = [...systemTexts(request, context), ...instruction];
  const generationConfig: JsonObject = {
    ...encodeSampling(request, facts, context),
    ...config,
    ...encodeThinking(request, context),
    ...(isOwn ? asObject(request.extra['generationConfig']) : {}),
  };
  const value: JsonObject = {
    ...(context.traits.takesSystem ? instructionOf(system) : {}),
    contents: withSystem(encodeContents(request, context), context.traits.takesSystem ? [] : system),
    ...encodeToolSettings(request, context),
    ...(Object.keys(generationConfig).length === 0 ? {} : { generationConfig }),
    ...defined({ serviceTier: encodeTier(request, context) }),
    ...(isOwn ? ownExtra(request) : {}),
  };
  return { value, losses: losses.list() };
}

function loseForeign(request: CanonicalRequest, { losses }: EncodeContext): void {
  loseExtraFields(request, losses);
  const { sampling } = request;
  if (Object.keys(sampling.logitBias ?? {}).length > 0) losses.add('logit_bias_dropped');
  if ((sampling.choices ?? 1) > maxChoices) losses.add('choices_refused');
  if (request.verbosity !== undefined) losses.add('verbosity_dropped');
  if (request.maxOutputTokens === 0) losses.add('cache_warm_refused');
  const isCited = request.turns
    .flatMap((turn) => turn.parts)
    .some((part) => part.type === 'document' && asObject(part.extra?.['citations'])?.['enabled'] === true);
  if (isCited) losses.add('citations_dropped');
}

function systemTexts({ system }: CanonicalRequest, { isOwn }: EncodeContext): readonly string[] {
  return (isOwn ? system : spokenTexts(system)).map((part) => part.text);
}

function instructionOf(texts: readonly string[]): JsonObject {
  return texts.length === 0 ? {} : { systemInstruction: { parts: texts.map((text) => ({ text })) } };
}

/** For a model without instructions they stand before the first words of the user. */
function withSystem(contents: readonly JsonObject[], texts: readonly string[]): readonly JsonObject[] {
  const [first, ...rest] = contents;
  if (texts.length === 0 || first === undefined) return contents;
  const parts = [{ text: texts.join('\n\n') }, ...((first['parts'] ?? []) as readonly JsonObject[])];
  return [{ ...first, parts }, ...rest];
}

function encodeSampling(
  request: CanonicalRequest,
  facts: ModelFacts | undefined,
  { isOwn, losses }: EncodeContext,
): JsonObject {
  const { sampling, stop } = request;
  // What goes beyond the upstream's limit the relay itself stops at.
  const stops = isOwn ? stop : stop.slice(0, maxStops);
  return defined({
    temperature: sampling.temperature,
    topP: sampling.topP,
    topK: sampling.topK,
    candidateCount: isOwn || (sampling.choices ?? 1) > 1 ? sampling.choices : undefined,
    maxOutputTokens: encodeLimit(request, facts, { isOwn, losses }),
    stopSequences: stops.length === 0 ? undefined : stops,
    seed: sampling.seed,
    presencePenalty: sampling.presencePenalty,
    frequencyPenalty: sampling.frequencyPenalty,
    responseLogprobs: sampling.logprobs,
    logprobs: isOwn || sampling.logprobs === true ? sampling.topLogprobs : undefined,
  });
}

function encodeLimit(
  { maxOutputTokens: wanted }: CanonicalRequest,
  facts: ModelFacts | undefined,
  { isOwn, losses }: Pick<EncodeContext, 'isOwn' | 'losses'>,
): number | undefined {
  const limit = facts === undefined || facts.maxOutput === 0 ? Infinity : facts.maxOutput;
  if (wanted === undefined || isOwn || wanted <= limit) return wanted;
  losses.add('max_tokens_clamped');
  return limit;
}

/** An own client's settings come back with the rest of its configuration. */
function encodeThinking(request: CanonicalRequest, { isOwn, traits, losses }: EncodeContext): JsonObject {
  if (isOwn) return {};
  return defined({ thinkingConfig: encodeReasoning(request.reasoning, traits, losses) });
}

interface OutputPlan {
  readonly config: JsonObject;
  /** Said to the model where it cannot be held to it. */
  readonly instruction: readonly string[];
}

function encodeOutput(request: CanonicalRequest, context: EncodeContext): OutputPlan {
  const { output } = request;
  if (output === undefined) return { config: {}, instruction: [] };
  if (output.type === 'text') {
    return { config: context.isOwn ? { responseMimeType: 'text/plain' } : {}, instruction: [] };
  }
  const schema = output.schema === undefined ? undefined : readable(output.schema, context);
  const hasFunctions = request.tools.some((tool) => tool.type === 'function');
  if (hasFunctions && !context.traits.mixesTools && !context.isOwn) {
    context.losses.add('json_mode_by_instruction');
    const form = schema === undefined ? '' : ` It must follow this JSON Schema: ${JSON.stringify(schema)}`;
    return { config: {}, instruction: [`Give the final answer as one JSON object and nothing else.${form}`] };
  }
  const hasOpenSchema = asObject(request.extra['generationConfig'])?.['responseSchema'] !== undefined;
  const written = context.isOwn && hasOpenSchema ? undefined : schema;
  return {
    config: { responseMimeType: 'application/json', ...defined({ responseJsonSchema: written }) },
    instruction: [],
  };
}

function readable(source: JsonObject, { isOwn, losses }: EncodeContext): JsonObject {
  if (isOwn) return source;
  const { schema, isWeakened } = toReadableSchema(source);
  if (isWeakened) losses.add('schema_rewritten');
  return schema;
}

/** Saying nothing is the provider's usual tier. */
const tiers: TierWords = { auto: '', standard: 'standard', flex: 'flex', priority: 'priority' };

function encodeTier(request: CanonicalRequest, context: EncodeContext): string | undefined {
  return context.isOwn ? request.serviceTier : askedTier(request, tiers, context.losses);
}
