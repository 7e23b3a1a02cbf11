import type { LossCode, LossList } from './losses.ts';
import { asArray, asObject, asString } from './read-json.ts';
import type { CanonicalRequest, Json, JsonObject } from './request.ts';
import { wordTable } from './word-table.ts';

/**
 * What becomes of a top-level field that only the client's protocol has, when the upstream speaks another. `ignored`
 * means without effect on the answer (metadata, hints, ids, caching, and fields the decoder has read already).
 */
const outcomes = wordTable<LossCode | 'ignored'>({
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
  web_search_options: 'ignored',
  moderation: 'moderation_refused',
  // OpenAI Completions.
  continued_prompt: 'prompt_continued_by_instruction',
  // OpenAI Responses, where it repeats settings, and Completions, where it repeats the prompt.
  echo: 'ignored',
  include: 'ignored',
  background: 'ignored',
  client_metadata: 'ignored',
  max_tool_calls: 'ignored',
  access_programs: 'ignored',
  image: 'ignored',
  truncation: 'context_management_dropped',
  compacted_history: 'compaction_refused',
  compacts: 'ignored',
  // Gemini generateContent.
  alt: 'ignored',
  tools: 'ignored',
  toolConfig: 'ignored',
  labels: 'ignored',
  safetySettings: 'safety_settings_dropped',
  cachedContent: 'cached_content_refused',
  thinkingConfig: 'ignored',
  responseSchema: 'ignored',
  responseJsonSchema: 'ignored',
  responseMimeType: 'ignored',
  mediaResolution: 'media_resolution_dropped',
  speechConfig: 'audio_output_refused',
  imageConfig: 'image_output_refused',
});

/** Every field that a protocol has alone, for the page that tells what becomes of it. */
export const extraFieldNames: readonly string[] = Object.keys(outcomes);

/** Names the loss of every field that stays behind. */
export function loseExtraFields(request: CanonicalRequest, losses: LossList): void {
  loseFields(request.extra, losses);
}

function loseFields(fields: JsonObject, losses: LossList): void {
  for (const [field, value] of Object.entries(fields)) {
    if (value === null) continue;
    const inner = field === 'generationConfig' ? asObject(value) : undefined;
    if (inner !== undefined) {
      loseFields(inner, losses);
      continue;
    }
    const outcome = outcomeOf(field, value);
    if (outcome === 'ignored') continue;
    losses.add(outcome ?? 'unknown_field_dropped');
  }
}

function outcomeOf(field: string, value: Json): LossCode | 'ignored' | undefined {
  if (field === 'modalities' || field === 'responseModalities') return modalitiesOutcome(value);
  if (field === 'context_management' && !changesContext(value)) return 'ignored';
  return field === 'truncation' && value === 'disabled' ? 'ignored' : outcomes[field];
}

/** Claude Code asks on every call to keep all thinking (2.1.330, 2026-11): that is what happens anyway. */
function changesContext(management: Json): boolean {
  const edits = asArray(management) ?? asArray(asObject(management)?.['edits']);
  if (edits === undefined) return Object.keys(asObject(management) ?? {}).length > 0;
  return !edits.every((edit) => {
    const { type, keep } = asObject(edit) ?? {};
    const keepsAll = keep === 'all' || asObject(keep)?.['type'] === 'all';
    return keepsAll && (asString(type) ?? '').startsWith('clear_thinking_');
  });
}

function modalitiesOutcome(value: Json): LossCode | 'ignored' {
  const wanted = (asArray(value) ?? []).map((item) => asString(item)?.toLowerCase());
  if (wanted.includes('audio')) return 'audio_output_refused';
  return wanted.includes('image') ? 'image_output_refused' : 'ignored';
}
