import { promptTokens, type Usage } from '../../domain/usage.ts';
import type { StopReason } from '../canonical/events.ts';
import { asObject, defined } from '../canonical/read-json.ts';
import type { CanonicalRequest, Json, JsonObject } from '../canonical/request.ts';
import { servedTier } from '../canonical/tiers.ts';
import { responsesTiers } from '../openai-tiers.ts';

/** The response object around the items: what clients demand of it, and the settings of the request repeated. */
export interface ResponseHead {
  readonly id: string;
  readonly model: string;
  readonly createdAtSeconds: number;
}

export interface ResponseState {
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  readonly reason?: string;
  readonly error?: JsonObject;
  readonly output: readonly Json[];
  readonly usage?: Usage;
}

export function responseObject(
  head: ResponseHead,
  state: ResponseState,
  request: CanonicalRequest,
): JsonObject {
  const { usage } = state;
  return {
    id: responseId(head.id),
    object: 'response',
    created_at: head.createdAtSeconds,
    status: state.status,
    background: false,
    error: state.error ?? null,
    incomplete_details: state.reason === undefined ? null : { reason: state.reason },
    model: head.model === '' ? request.model : head.model,
    output: state.output,
    previous_response_id: null,
    ...echoOf(request),
    store: false,
    ...defined({ service_tier: servedTier(usage?.serviceTier, responsesTiers) }),
    usage: usage === undefined ? null : encodeUsage(usage),
  };
}

export function responseId(id: string): string {
  return id.startsWith('resp_') ? id : `resp_${id}`;
}

/** Every setting that the types of the clients require, at the value the provider has where none was sent. */
function echoOf(request: CanonicalRequest): JsonObject {
  const echo = asObject(request.extra['echo']) ?? {};
  const text = asObject(echo['text']);
  const reasoning = asObject(echo['reasoning']);
  return {
    instructions: echo['instructions'] ?? null,
    max_output_tokens: echo['max_output_tokens'] ?? null,
    max_tool_calls: echo['max_tool_calls'] ?? null,
    metadata: echo['metadata'] ?? {},
    parallel_tool_calls: echo['parallel_tool_calls'] ?? true,
    prompt_cache_key: echo['prompt_cache_key'] ?? null,
    reasoning: { effort: null, summary: null, ...reasoning },
    safety_identifier: echo['safety_identifier'] ?? null,
    temperature: echo['temperature'] ?? 1,
    text: { format: { type: 'text' }, ...text },
    tool_choice: echo['tool_choice'] ?? 'auto',
    tools: echo['tools'] ?? [],
    top_logprobs: echo['top_logprobs'] ?? 0,
    top_p: echo['top_p'] ?? 1,
    truncation: echo['truncation'] ?? 'disabled',
    user: echo['user'] ?? null,
  };
}

/** The prompt includes what came from the cache and what went into it. */
function encodeUsage(usage: Usage): JsonObject {
  const prompt = promptTokens(usage);
  const short = usage.cacheWrite5m + usage.cacheWrite30m;
  const long = usage.cacheWrite1h + usage.cacheWrite12h;
  return {
    input_tokens: prompt,
    input_tokens_details: {
      cached_tokens: usage.cacheRead,
      cache_write_tokens: short + long,
      ...(short + long === 0
        ? {}
        : { cache_write_tokens_details: { ttl_30m_tokens: short, ttl_12h_tokens: long } }),
    },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: prompt + usage.output,
  };
}

interface Ending {
  readonly status: 'completed' | 'incomplete' | 'failed';
  readonly reason?: string;
  readonly error?: JsonObject;
}

/** A refusal in words is a complete answer; one without any was filtered. */
export function endingOf(stop: StopReason, hasRefusal: boolean): Ending {
  switch (stop) {
    case 'length':
    case 'context-full':
      return { status: 'incomplete', reason: 'max_output_tokens' };
    case 'filter':
      return { status: 'incomplete', reason: 'content_filter' };
    case 'refusal':
      return hasRefusal ? { status: 'completed' } : { status: 'incomplete', reason: 'content_filter' };
    case 'malformed':
      return {
        status: 'failed',
        error: { code: 'server_error', message: 'The model wrote a call that cannot be read.' },
      };
    case 'end':
    case 'stop-sequence':
    case 'tool-calls':
    case 'pause':
    case 'other':
      break;
  }
  return { status: 'completed' };
}
