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
import type { CanonicalRequest, JsonObject, OutputFormat, Reasoning } from '../canonical/request.ts';
import type { RequestTarget } from '../wire-protocol.ts';
import { asCompaction, asksCompaction } from './compaction.ts';
import { decodeInput } from './decode-input.ts';
import { decodeChoice, decodeTools } from './decode-tools.ts';

/** Client half: a Responses request to the canonical one. What the provider would have to remember is refused. */
const known = new Set([
  'model',
  'input',
  'instructions',
  'stream',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'max_output_tokens',
  'temperature',
  'top_p',
  'top_logprobs',
  'text',
  'reasoning',
  'prompt_cache_key',
  'safety_identifier',
  'user',
  'metadata',
  'service_tier',
  'previous_response_id',
  'conversation',
  'prompt',
]);

export function decodeRequest(body: JsonObject, target: RequestTarget): CanonicalRequest {
  const request = decodePlain(body, target);
  return asksCompaction(body, target) ? asCompaction(request, body, target) : request;
}

function decodePlain(body: JsonObject, target: RequestTarget): CanonicalRequest {
  refuseState(body);
  const model = asString(body['model']) ?? target.model;
  if (model === undefined) throw invalid('model', 'The field "model" must be a string.');
  const { system, turns, tools: offered, hasCompaction, configuration } = decodeInput(body, model);
  const choice = decodeChoice(body['tool_choice'], [...decodeTools(body['tools']), ...offered]);
  const parallel = body['parallel_tool_calls'];
  const reasoning = changed(asObject(body['reasoning']), asObject(configuration?.['reasoning']));
  const text = changed(asObject(body['text']), asObject(configuration?.['text']));
  return {
    origin: 'openai-responses',
    model,
    stream: body['stream'] === true,
    system,
    turns,
    tools: choice.tools,
    stop: [],
    sampling: decodeSampling(body),
    includeUsage: true,
    extra: {
      ...withoutKeys(body, known),
      ...choice.extra,
      ...defined({ reasoning: withoutKeys(reasoning ?? {}, new Set(['effort'])) }),
      ...(hasCompaction ? { compacted_history: true } : {}),
      echo: echoOf(body),
    },
    ...defined({
      toolChoice: choice.toolChoice,
      parallelToolCalls: typeof parallel === 'boolean' ? parallel : undefined,
      maxOutputTokens: asNumber(body['max_output_tokens']),
      reasoning: decodeReasoningSetting(reasoning),
      output: decodeOutput(asObject(text?.['format'])),
      verbosity: asText(text?.['verbosity']),
      cacheKey: asText(body['prompt_cache_key']),
      endUser: asText(body['safety_identifier']) ?? asText(body['user']),
      metadata: asObject(body['metadata']),
      serviceTier: asText(body['service_tier']),
    }),
  };
}

/** A setting as the request began it, and as an item of its input changed it. */
function changed(setting: JsonObject | undefined, update: JsonObject | undefined): JsonObject | undefined {
  return update === undefined ? setting : { ...setting, ...update };
}

function invalid(param: string, message: string): RelayError {
  return new RelayError('invalid_request', { param, message });
}

const stateful: Readonly<Record<string, string>> = {
  previous_response_id:
    'Earlier responses are kept by the provider that gave them; send the whole conversation in "input".',
  conversation: 'Conversations are kept by the provider; send the whole conversation in "input".',
  prompt: 'Stored prompts are kept by the provider; send the prompt itself in "instructions" and "input".',
};

/** Nothing is kept here between calls, so a request that counts on it cannot be answered by another provider. */
function refuseState(body: JsonObject): void {
  for (const [field, message] of Object.entries(stateful)) {
    if (body[field] !== undefined && body[field] !== null) throw invalid(field, message);
  }
  if (body['background'] === true) {
    throw invalid(
      'background',
      'This model is reached through another protocol, which has no background responses.',
    );
  }
}

function decodeSampling(body: JsonObject): CanonicalRequest['sampling'] {
  const asked = asArray(body['include'])?.includes('message.output_text.logprobs') === true;
  const topLogprobs = asNumber(body['top_logprobs']);
  return defined({
    temperature: asNumber(body['temperature']),
    topP: asNumber(body['top_p']),
    logprobs: asked || (topLogprobs ?? 0) > 0 ? true : undefined,
    topLogprobs,
  });
}

function decodeReasoningSetting(setting: JsonObject | undefined): Reasoning | undefined {
  const summary = asText(setting?.['summary']) ?? asText(setting?.['generate_summary']);
  const reasoning: Reasoning = defined({
    effort: asEffort(setting?.['effort']),
    show: summary === undefined ? undefined : ('summary' as const),
  });
  return Object.keys(reasoning).length === 0 ? undefined : reasoning;
}

function decodeOutput(format: JsonObject | undefined): OutputFormat | undefined {
  if (format?.['type'] === 'text') return { type: 'text' };
  if (format?.['type'] === 'json_object') return { type: 'json' };
  if (format?.['type'] !== 'json_schema') return undefined;
  return {
    type: 'schema',
    ...defined({
      name: asText(format['name']),
      description: asText(format['description']),
      schema: asObject(format['schema']),
      strict: typeof format['strict'] === 'boolean' ? format['strict'] : undefined,
    }),
  };
}

const echoed = [
  'instructions',
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'parallel_tool_calls',
  'prompt_cache_key',
  'reasoning',
  'safety_identifier',
  'service_tier',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'truncation',
  'user',
];

/** Settings that an answer repeats as they were sent. */
function echoOf(body: JsonObject): JsonObject {
  return Object.fromEntries(
    echoed.flatMap((field) => {
      const value = body[field];
      return value === undefined || value === null ? [] : [[field, value]];
    }),
  );
}
