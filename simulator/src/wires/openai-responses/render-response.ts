import type { Json, JsonObject, SimulatedUsage } from '../../engine/simulated-call.ts';
import type { OpenAiModel } from '../openai/index.ts';
import { isObject, objectsOf } from '../shape.ts';

/** Everything about an answer that does not change while it is written. */
export interface ResponseFacts {
  readonly id: string;
  readonly body: JsonObject;
  readonly model: OpenAiModel;
  readonly effort: string | undefined;
  readonly createdAt: number;
  /** Told when the answer is over. */
  readonly searches: number;
}

export interface ResponseState {
  readonly status: 'queued' | 'in_progress' | 'completed' | 'incomplete' | 'cancelled' | 'failed';
  readonly output: readonly Json[];
  readonly usage: Json;
}

/** The response object: state, then every setting of the request as it was understood. */
export function renderResponse(facts: ResponseFacts, state: ResponseState): JsonObject {
  const { body, model } = facts;
  const isDone = state.status === 'completed';
  const isCut = state.status === 'incomplete';
  return {
    id: facts.id,
    object: 'response',
    created_at: facts.createdAt,
    status: state.status,
    access_programs: body['access_programs'] ?? null,
    background: body['background'] ?? false,
    completed_at: isDone ? facts.createdAt : null,
    conversation: null,
    error:
      state.status === 'failed'
        ? { code: 'server_error', message: 'The server had an error while making this response.' }
        : null,
    frequency_penalty: 0,
    incomplete_details: isCut ? { reason: 'max_output_tokens' } : null,
    input_transformations: [],
    instructions: body['instructions'] ?? null,
    max_output_tokens: body['max_output_tokens'] ?? null,
    max_tool_calls: body['max_tool_calls'] ?? null,
    metadata: body['metadata'] ?? {},
    model: model.snapshot,
    moderation: null,
    output: state.output,
    parallel_tool_calls: body['parallel_tool_calls'] ?? true,
    presence_penalty: 0,
    previous_response_id: body['previous_response_id'] ?? null,
    prompt_cache_key: body['prompt_cache_key'] ?? null,
    prompt_cache_retention: body['prompt_cache_retention'] ?? null,
    reasoning: echoedReasoning(facts),
    safety_identifier: body['safety_identifier'] ?? null,
    service_tier: servedTier(body['service_tier'], state.status),
    store: body['store'] ?? true,
    temperature: body['temperature'] ?? 1,
    text: echoedText(body),
    tool_choice: body['tool_choice'] ?? 'auto',
    tool_usage: {
      image_gen: {
        input_tokens: 0,
        input_tokens_details: { image_tokens: 0, text_tokens: 0 },
        output_tokens: 0,
        output_tokens_details: { image_tokens: 0, text_tokens: 0 },
        total_tokens: 0,
      },
      web_search: { num_requests: state.usage === null ? 0 : facts.searches },
    },
    tools: objectsOf(body['tools']).map((tool) => echoedTool(tool)),
    top_logprobs: body['top_logprobs'] ?? 0,
    top_p: body['top_p'] ?? 1,
    truncation: body['truncation'] ?? 'disabled',
    usage: state.usage,
    user: body['user'] ?? null,
  };
}

/** Input tokens include cached and written ones, output tokens include reasoning. */
export function renderUsage(usage: SimulatedUsage, model: OpenAiModel): JsonObject {
  const inputTokens = usage.input + usage.fed + usage.cacheRead + usage.cacheWrite;
  const longLived = usage.cacheWriteByTtl['12h'];
  const written = {
    cache_write_tokens: usage.cacheWrite,
    cache_write_tokens_details: {
      ttl_30m_tokens: usage.cacheWrite - longLived,
      ttl_12h_tokens: longLived,
    },
  };
  return {
    input_tokens: inputTokens,
    input_tokens_details: {
      cached_tokens: usage.cacheRead,
      ...(model.reportsCacheWrites ? written : {}),
    },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.thinking },
    total_tokens: inputTokens + usage.output,
  };
}

function echoedReasoning(facts: ResponseFacts): JsonObject {
  const asked = isObject(facts.body['reasoning']) ? facts.body['reasoning'] : {};
  return {
    effort: facts.effort ?? null,
    summary: asked['summary'] ?? null,
    context: asked['context'] ?? (facts.model.reportsCacheWrites ? 'all_turns' : 'current_turn'),
    mode: asked['mode'] ?? 'standard',
  };
}

function echoedText(body: JsonObject): JsonObject {
  const asked = isObject(body['text']) ? body['text'] : {};
  return { format: asked['format'] ?? { type: 'text' }, verbosity: asked['verbosity'] ?? 'medium' };
}

/** Without a word about strictness the provider tries strict first, and says so. */
function echoedTool(tool: JsonObject): JsonObject {
  if (tool['type'] !== 'function') return tool;
  return { description: null, ...tool, strict: tool['strict'] ?? true };
}

function servedTier(asked: Json | undefined, status: ResponseState['status']): Json {
  if (status === 'in_progress' || status === 'queued') return asked ?? 'auto';
  if (asked === 'fast') return 'priority';
  return asked === undefined || asked === null || asked === 'auto' ? 'default' : asked;
}
