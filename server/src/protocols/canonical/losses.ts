import type { Loss } from '../wire-protocol.ts';

/**
 * Everything translation can lose, in one table. `weakened`: the answer is still what was asked for in substance, and
 * the loss is named to the client. `refused`: going on would change what the client relies on, so the call ends with a
 * 400 before any upstream is asked.
 */
interface LossEntry {
  readonly outcome: Loss['outcome'];
  readonly meaning: string;
}

const weakened = (meaning: string): LossEntry => ({ outcome: 'weakened', meaning });
const refused = (meaning: string): LossEntry => ({ outcome: 'refused', meaning });

export const lossTable = {
  // Limits and sampling.
  max_tokens_clamped: weakened('The output limit was lowered to what the model can produce.'),
  max_tokens_dropped: weakened('The model takes no output limit at this reasoning level.'),
  max_tokens_raised: weakened('The output limit was raised to the least the upstream takes.'),
  temperature_clamped: weakened('The temperature was lowered to 1, the highest the model takes.'),
  temperature_dropped: weakened('The model takes no temperature here.'),
  top_p_dropped: weakened('The model takes no top_p here.'),
  top_k_dropped: weakened('The upstream has no top_k.'),
  seed_dropped: weakened('The upstream has no seed.'),
  penalties_dropped: weakened('The upstream has no presence or frequency penalty.'),
  logit_bias_dropped: weakened('The upstream has no logit bias.'),
  choices_refused: refused('The upstream gives one answer per call; several were asked for.'),
  logprobs_refused: refused('The upstream gives no token probabilities.'),
  verbosity_dropped: weakened('The upstream has no verbosity setting.'),
  service_tier_dropped: weakened('The upstream does not have the service tier that was asked for.'),

  // Turns.
  system_turn_wrapped: weakened(
    'An instruction in the middle of the conversation was sent as marked user text.',
  ),
  prompt_continued_by_instruction: weakened(
    'The model was told to continue the prompt; it has no completions of its own.',
  ),
  prefill_refused: refused('The model does not continue an answer that the client began.'),
  prefill_weakened: weakened('The upstream may not continue the begun answer where it ends.'),
  missing_tool_result_added: weakened('A tool call without a result was answered with an error result.'),
  orphan_tool_result_as_text: weakened('A tool result without its call was sent as user text.'),
  empty_turn_filled: weakened('A user turn without content was sent as a fixed placeholder.'),
  block_dropped: weakened('A content block that only its own protocol knows was left out.'),

  // Media.
  file_id_refused: refused("A file id belongs to another provider's account."),
  media_type_refused: refused('The upstream does not take this kind of media.'),
  media_address_refused: refused('The model does not fetch media by address.'),
  document_url_refused: refused('The upstream does not fetch documents by address.'),
  tool_result_media_moved: weakened('Media inside a tool result were moved to the user turn after it.'),
  citations_dropped: weakened('The upstream does not cite from documents.'),
  media_omitted: weakened('The model does not take this kind of media; a short note stands in its place.'),

  // Tools.
  tools_refused: refused('The upstream calls no tools.'),
  tools_dropped: weakened('The upstream calls no tools; the ones offered were left out.'),
  tool_history_as_text: weakened('Earlier tool calls and results were sent as text.'),
  hosted_tool_dropped: weakened('A tool that the other provider runs itself was left out.'),
  indexed_search_dropped: weakened(
    "A search that may not leave its provider's own index was left out: others search the live web.",
  ),
  search_scope_dropped: weakened('The upstream cannot be told where to search; it searches everywhere.'),
  hosted_tool_refused: refused('The call forces a tool that only the other provider runs.'),
  client_tool_refused: refused('A tool whose shape only the other provider knows cannot be offered.'),
  duplicate_tool_names: refused('Two tools have the same name.'),
  tool_choice_weakened: weakened(
    'The model does not take a forced tool choice here; it was asked to choose itself.',
  ),
  allowed_tools_weakened: weakened('The list of allowed tools was applied by leaving the others out.'),
  parallel_calls_not_limited: weakened('The upstream cannot be told to call one tool at a time.'),
  strict_tools_dropped: weakened('The upstream does not enforce tool schemas here.'),
  custom_tool_format_weakened: weakened(
    'The grammar of a free-text tool was sent as part of its description.',
  ),

  // Reasoning and output format.
  reasoning_dropped: weakened('The model has no reasoning setting.'),
  reasoning_level_changed: weakened('The reasoning level was moved to the nearest one the model has.'),
  reasoning_cannot_be_off: weakened(
    'The model cannot be told not to reason; the lowest level was asked for.',
  ),
  reasoning_envelope_dropped: weakened(
    'Reasoning that the client carried for another upstream was changed on the way, or is not ours, and was left out.',
  ),
  reasoning_off_with_tools: weakened('The model does not reason when tools are offered over this protocol.'),
  reasoning_off_in_tool_loop: weakened(
    'Thinking was turned off because the open tool call has none of its own.',
  ),
  reasoning_off_small_limit: weakened(
    'Thinking was turned off because the output limit leaves no room for it.',
  ),
  json_mode_by_instruction: weakened(
    'JSON output was asked for by an instruction; the upstream has no such mode.',
  ),
  schema_by_instruction: weakened(
    'The output schema was asked for by an instruction; the model cannot be held to it.',
  ),
  schema_rewritten: weakened(
    'Parts of the output schema that the upstream cannot enforce were made descriptions.',
  ),
  schema_not_strict: weakened('The output schema goes beyond what the upstream can enforce strictly.'),
  schema_by_forced_tool: weakened('The output schema was asked for through a forced tool.'),

  // Fields that only one protocol has.
  cache_warm_refused: refused(
    'Filling the cache without an answer (max_tokens 0) exists at one provider only.',
  ),
  audio_output_refused: refused('The upstream does not speak.'),
  compaction_refused: refused('A compacted history can only be read by the provider that wrote it.'),
  image_output_refused: refused('The upstream does not draw.'),
  cached_content_refused: refused("Cached content belongs to another provider's account."),
  safety_settings_dropped: weakened('The upstream has no safety settings.'),
  media_resolution_dropped: weakened('The upstream has no media resolution.'),
  container_refused: refused('A container belongs to another provider.'),
  mcp_servers_refused: refused('The upstream does not connect to MCP servers.'),
  moderation_refused: refused('Moderation as part of the call exists at one provider only.'),
  context_management_dropped: weakened('The upstream does not edit the context by itself.'),
  task_budget_dropped: weakened('The upstream has no task budget.'),
  speed_dropped: weakened('The upstream has no speed setting.'),
  beta_dropped: weakened('The carrier in between does not know a beta that was asked for.'),
  region_dropped: weakened('The upstream takes no region in the request.'),
  fallbacks_dropped: weakened('The upstream has no fallback models of its own.'),
  prediction_dropped: weakened('The upstream takes no predicted output.'),
  unknown_field_dropped: weakened('A field that only its own protocol knows was left out.'),
} as const satisfies Record<string, LossEntry>;

export type LossCode = keyof typeof lossTable;

/** Collects the losses of one request, each once, in order of discovery. */
export interface LossList {
  add(code: LossCode): void;
  list(): readonly Loss[];
}

export function createLossList(): LossList {
  const codes = new Set<LossCode>();
  return {
    add: (code) => void codes.add(code),
    list: () => [...codes].map((code) => ({ code, outcome: lossTable[code].outcome })),
  };
}
