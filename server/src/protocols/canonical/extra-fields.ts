import type { LossCode, LossList } from './losses.ts';
import type { CanonicalRequest, Json } from './request.ts';

/**
 * What becomes of a top-level field that only the client's protocol has, when the upstream speaks another. `ignored`
 * means without effect on the answer (metadata, hints, ids, caching, and fields the decoder has read already).
 */
const outcomes: Readonly<Record<string, LossCode | 'ignored'>> = {
  // Anthropic Messages.
  cache_control: 'ignored',
  diagnostics: 'ignored',
  thinking: 'ignored',
  output_config: 'task_budget_dropped',
  speed: 'speed_dropped',
  inference_geo: 'region_dropped',
  container: 'container_refused',
  mcp_servers: 'mcp_servers_refused',
  context_management: 'context_management_dropped',
  compaction: 'context_management_dropped',
  fallbacks: 'fallbacks_dropped',
  fallback_credit_token: 'fallbacks_dropped',
  // OpenAI Chat Completions and its dialects.
  store: 'ignored',
  prompt_cache_options: 'ignored',
  prompt_cache_retention: 'ignored',
  stream_options: 'ignored',
  functions: 'ignored',
  function_call: 'ignored',
  allowed_tools: 'allowed_tools_weakened',
  modalities: 'ignored',
  reasoning: 'ignored',
  reasoning_format: 'ignored',
  include_reasoning: 'ignored',
  enable_thinking: 'ignored',
  thinking_budget: 'ignored',
  chat_template_kwargs: 'ignored',
  audio: 'audio_output_refused',
  prediction: 'prediction_dropped',
  web_search_options: 'web_search_dropped',
  moderation: 'moderation_refused',
};

/** Names the loss of every field that stays behind. */
export function loseExtraFields(request: CanonicalRequest, losses: LossList): void {
  for (const [field, value] of Object.entries(request.extra)) {
    if (value === null) continue;
    const outcome = field === 'modalities' ? modalitiesOutcome(value) : outcomes[field];
    if (outcome === 'ignored') continue;
    losses.add(outcome ?? 'unknown_field_dropped');
  }
}

function modalitiesOutcome(value: Json): LossCode | 'ignored' {
  return Array.isArray(value) && value.includes('audio') ? 'audio_output_refused' : 'ignored';
}
