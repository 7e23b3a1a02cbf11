import { RelayError } from '../../domain/errors.ts';
import { asEffort } from '../canonical/reasoning-levels.ts';
import {
  asArray,
  asNumber,
  asObject,
  asString,
  asText,
  defined,
  withoutKeys,
} from '../canonical/read-json.ts';
import type {
  CanonicalRequest,
  JsonObject,
  OutputFormat,
  Reasoning,
  Sampling,
} from '../canonical/request.ts';
import type { RequestTarget } from '../wire-protocol.ts';
import { withCamelKeys } from './camel-keys.ts';
import { decodeContents, decodeSystem } from './decode-contents.ts';
import { decodeToolSettings } from './decode-tools.ts';
import { toJsonSchema } from './open-api-schema.ts';
import { isArrayStream } from './stream-form.ts';

/** Client half: a generateContent request to the canonical one. Model and mode come from the address. */
const known = new Set([
  'model',
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
  'serviceTier',
]);

/** Fields of the generation config that have a place in the canonical request. */
const knownConfig = new Set([
  'temperature',
  'topP',
  'topK',
  'candidateCount',
  'maxOutputTokens',
  'stopSequences',
  'seed',
  'presencePenalty',
  'frequencyPenalty',
  'responseLogprobs',
  'logprobs',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
]);
/** Kept beside the decoded schema, since it is written in another language. */
const schemaKeys = ['responseSchema'];

export function decodeRequest(given: JsonObject, target: RequestTarget): CanonicalRequest {
  const body = withCamelKeys(given);
  const model = target.model ?? asText(body['model'])?.replace(/^models\//, '');
  if (model === undefined || model === '') {
    throw new RelayError('invalid_request', { message: 'The path names no model.', param: 'model' });
  }
  const config = asObject(body['generationConfig']) ?? {};
  const { tools, toolChoice, extra } = decodeToolSettings(body);
  const stream = target.stream === true;
  return {
    origin: 'gemini',
    model,
    stream,
    system: decodeSystem(body['systemInstruction']),
    turns: decodeContents(body['contents'], model),
    tools,
    stop: (asArray(config['stopSequences']) ?? []).flatMap((stop) => asString(stop) ?? []),
    sampling: decodeSampling(config),
    includeUsage: true,
    extra: {
      ...withoutKeys(body, known),
      ...extra,
      ...defined({ generationConfig: restOfConfig(config) }),
      ...(stream && isArrayStream(target.query) ? { alt: 'json' } : {}),
    },
    ...defined({
      toolChoice,
      maxOutputTokens: asNumber(config['maxOutputTokens']),
      reasoning: decodeReasoning(asObject(config['thinkingConfig'])),
      output: decodeOutput(config),
      serviceTier: asText(body['serviceTier'])?.toLowerCase(),
    }),
  };
}

function restOfConfig(config: JsonObject): JsonObject | undefined {
  const rest = withoutKeys(config, knownConfig);
  const isEnum = config['responseMimeType'] === enumType;
  const kept = (isEnum ? ['responseMimeType', ...schemaKeys, 'responseJsonSchema'] : schemaKeys).flatMap(
    (key) => (config[key] === undefined ? [] : [[key, config[key]] as const]),
  );
  return rest === undefined && kept.length === 0 ? undefined : { ...rest, ...Object.fromEntries(kept) };
}

function decodeSampling(config: JsonObject): Sampling {
  return defined({
    temperature: asNumber(config['temperature']),
    topP: asNumber(config['topP']),
    topK: asNumber(config['topK']),
    seed: asNumber(config['seed']),
    presencePenalty: asNumber(config['presencePenalty']),
    frequencyPenalty: asNumber(config['frequencyPenalty']),
    choices: asNumber(config['candidateCount']),
    logprobs: typeof config['responseLogprobs'] === 'boolean' ? config['responseLogprobs'] : undefined,
    topLogprobs: asNumber(config['logprobs']),
  });
}

/** Thoughts are shown to a client that asks for them, and to no other. */
function decodeReasoning(config: JsonObject | undefined): Reasoning | undefined {
  const budget = asNumber(config?.['thinkingBudget']);
  const effort = asEffort(asString(config?.['thinkingLevel'])?.toLowerCase());
  const isShown = config?.['includeThoughts'] === true;
  if (budget === undefined && effort === undefined && !isShown) return undefined;
  const show = isShown ? 'summary' : 'none';
  if (budget === 0) return { style: 'off', effort: 'none', show };
  if (budget === -1) return { style: 'adaptive', budget: 'auto', show };
  const amount = budget === undefined ? {} : { style: 'budget' as const, budget };
  return { ...amount, ...defined({ effort }), show };
}

const jsonType = 'application/json';
const enumType = 'text/x.enum';

function decodeOutput(config: JsonObject): OutputFormat | undefined {
  const type = asText(config['responseMimeType']);
  if (type === 'text/plain') return { type: 'text' };
  if (type !== jsonType && type !== enumType) return undefined;
  const open = asObject(config['responseSchema']);
  const schema =
    asObject(config['responseJsonSchema']) ?? (open === undefined ? undefined : toJsonSchema(open));
  return schema === undefined ? { type: 'json' } : { type: 'schema', schema };
}

/** The answer is to be one word of a list, without quotes. */
export function asksWord({ extra }: CanonicalRequest): boolean {
  return asObject(extra['generationConfig'])?.['responseMimeType'] === enumType;
}
