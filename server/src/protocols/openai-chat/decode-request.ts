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
  Json,
  JsonObject,
  OutputFormat,
  Reasoning,
  Sampling,
} from '../canonical/request.ts';
import type { RequestTarget } from '../wire-protocol.ts';
import { decodeMessages } from './decode-messages.ts';
import { decodeToolSettings } from './decode-tools.ts';
import { decodeSearchOptions } from './search-options.ts';
import { toOwnShape } from './own-shape.ts';

/** Client half: a Chat Completions request to the canonical one. */
const known = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'max_tokens',
  'max_completion_tokens',
  'stop',
  'temperature',
  'top_p',
  'top_k',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'logit_bias',
  'n',
  'logprobs',
  'top_logprobs',
  'response_format',
  'reasoning_effort',
  'verbosity',
  'prompt_cache_key',
  'safety_identifier',
  'user',
  'metadata',
  'service_tier',
]);

export function decodeRequest(given: JsonObject, target: RequestTarget): CanonicalRequest {
  const body = toOwnShape(given);
  const model = asString(body['model']) ?? target.model;
  if (model === undefined) {
    throw new RelayError('invalid_request', {
      param: 'model',
      message: 'The field "model" must be a string.',
    });
  }
  const { system, turns } = decodeMessages(body, model);
  const { tools, toolChoice, extra: toolExtra } = decodeToolSettings(body);
  // The deprecated form has room for one call.
  const parallel = body['functions'] === undefined ? body['parallel_tool_calls'] : false;
  return {
    origin: 'openai-chat',
    model,
    stream: body['stream'] === true,
    system,
    turns,
    tools: [...tools, ...decodeSearchOptions(body['web_search_options'])],
    stop: decodeStop(body['stop']),
    sampling: decodeSampling(body),
    includeUsage: asObject(body['stream_options'])?.['include_usage'] === true,
    extra: { ...withoutKeys(body, known), ...toolExtra, ...streamExtra(body) },
    ...defined({
      toolChoice,
      parallelToolCalls: typeof parallel === 'boolean' ? parallel : undefined,
      maxOutputTokens: asNumber(body['max_completion_tokens']) ?? asNumber(body['max_tokens']),
      reasoning: decodeReasoning(body),
      output: decodeOutput(asObject(body['response_format'])),
      verbosity: asText(body['verbosity']),
      cacheKey: asText(body['prompt_cache_key']),
      endUser: asText(body['safety_identifier']) ?? asText(body['user']),
      metadata: asObject(body['metadata']),
      serviceTier: asText(body['service_tier']),
    }),
  };
}

function decodeStop(stop: Json | undefined): readonly string[] {
  if (typeof stop === 'string') return [stop];
  return (asArray(stop) ?? []).flatMap((item) => asString(item) ?? []);
}

function decodeSampling(body: JsonObject): Sampling {
  return defined({
    temperature: asNumber(body['temperature']),
    topP: asNumber(body['top_p']),
    topK: asNumber(body['top_k']),
    seed: asNumber(body['seed']),
    presencePenalty: asNumber(body['presence_penalty']),
    frequencyPenalty: asNumber(body['frequency_penalty']),
    logitBias: asObject(body['logit_bias']),
    choices: asNumber(body['n']),
    logprobs: typeof body['logprobs'] === 'boolean' ? body['logprobs'] : undefined,
    topLogprobs: asNumber(body['top_logprobs']),
  });
}

/** The provider's own field, and what compatible servers made of it: `reasoning`, `thinking`, `enable_thinking`. */
function decodeReasoning(body: JsonObject): Reasoning | undefined {
  const object = asObject(body['reasoning']);
  const thinking = asString(asObject(body['thinking'])?.['type']);
  const isOff = thinking === 'disabled' || body['enable_thinking'] === false || object?.['enabled'] === false;
  const isOn = thinking === 'enabled' || body['enable_thinking'] === true || object?.['enabled'] === true;
  const onStyle = isOn ? ('adaptive' as const) : undefined;
  const reasoning: Reasoning = defined({
    effort: asEffort(body['reasoning_effort']) ?? asEffort(object?.['effort']),
    budget: asNumber(object?.['max_tokens']) ?? asNumber(body['thinking_budget']),
    style: isOff ? ('off' as const) : onStyle,
    show: object?.['exclude'] === true ? ('none' as const) : undefined,
  });
  return Object.keys(reasoning).length === 0 ? undefined : reasoning;
}

function decodeOutput(format: JsonObject | undefined): OutputFormat | undefined {
  if (format?.['type'] === 'text') return { type: 'text' };
  if (format?.['type'] === 'json_object') return { type: 'json' };
  if (format?.['type'] !== 'json_schema') return undefined;
  const inner = asObject(format['json_schema']) ?? {};
  const strict = inner['strict'];
  return {
    type: 'schema',
    ...defined({
      name: asText(inner['name']),
      description: asText(inner['description']),
      schema: asObject(inner['schema']),
      strict: typeof strict === 'boolean' ? strict : undefined,
    }),
  };
}

const streamKeys = new Set(['include_usage']);

function streamExtra(body: JsonObject): JsonObject {
  return defined({ stream_options: withoutKeys(asObject(body['stream_options']) ?? {}, streamKeys) });
}
