import { alternatingTurns } from './alternating-turns.ts';
import { answerBeforeUser } from './answer-before-user.ts';
import { declaredFields } from './declared-fields.ts';
import type { Dialect, Quirk } from './dialect.ts';
import { evenStrictness } from './even-strictness.ts';
import { forcedToolsUnthinking } from './forced-tools-unthinking.ts';
import { freeToolChoice } from './free-tool-choice.ts';
import { leadingSystemOnly } from './leading-system-only.ts';
import { partialPrefill, prefixPrefill } from './marked-prefill.ts';
import { namedToolResults } from './named-tool-results.ts';
import { nineCharacterCallIds } from './nine-character-call-ids.ts';
import { noTools } from './no-tools.ts';
import { reasoningBesideCalls } from './reasoning-beside-calls.ts';
import { noReasoningReplay, reasoningAsBlocks, reasoningAsReasoning } from './reasoning-replay.ts';
import { schemaByInstruction } from './schema-by-instruction.ts';
import { singleSystem } from './single-system.ts';
import { switchedEffort } from './switched-effort.ts';
import { systemRoleOnly } from './system-role-only.ts';
import { textBesideCalls } from './text-beside-calls.ts';
import { toolsWithHistory } from './tools-with-history.ts';
import { userAtEnd } from './user-at-end.ts';

const usual = ['low', 'medium', 'high'] as const;

/** What a server nobody described is taken for: everything all of them take, nothing that only some do. */
const plain: Dialect = {
  id: 'plain',
  seen: '2026-11-22',
  limitField: 'max_tokens',
  reasoning: 'effort',
  efforts: usual,
  fetchesMedia: true,
  takesTopK: false,
  takesCacheMarks: false,
  fields: {},
  idleFields: [],
  thinksInText: false,
  takesReasoningDetails: false,
  quirks: [reasoningBesideCalls],
};

/** Fields of OpenAI's platform that other servers have no use for, and some refuse. */
const platformFields = {
  max_completion_tokens: 'max_tokens',
  store: null,
  metadata: null,
  verbosity: null,
  prediction: null,
  service_tier: null,
  safety_identifier: null,
  prompt_cache_key: null,
  prompt_cache_options: null,
  prompt_cache_retention: null,
} as const;

/**
 * The servers whose differences are known. `seen` is the day on which provider pages or recorded traffic were last
 * compared; the shapes each sends and refuses are those of the simulator's server of the same name.
 */
const described: readonly (Partial<Dialect> & Pick<Dialect, 'id' | 'seen'>)[] = [
  {
    id: 'deepseek',
    seen: '2026-11-22',
    efforts: [...usual, 'max'],
    reasoning: 'thinking',
    fields: { max_completion_tokens: 'max_tokens' },
    idleFields: ['seed', 'logit_bias'],
    quirks: [
      systemRoleOnly,
      reasoningBesideCalls,
      forcedToolsUnthinking,
      schemaByInstruction,
      declaredFields,
    ],
  },
  {
    id: 'xai',
    seen: '2026-11-22',
    reasoning: 'effort',
    quirks: [systemRoleOnly],
  },
  {
    id: 'mistral',
    seen: '2026-11-22',
    efforts: ['none', ...usual],
    fields: {
      ...platformFields,
      prompt_cache_key: 'prompt_cache_key',
      seed: 'random_seed',
      stream_options: null,
      user: null,
      logit_bias: null,
      logprobs: null,
      top_logprobs: null,
    },
    quirks: [
      systemRoleOnly,
      reasoningAsBlocks,
      nineCharacterCallIds,
      answerBeforeUser,
      textBesideCalls,
      prefixPrefill,
      declaredFields,
    ],
  },
  {
    id: 'groq',
    seen: '2026-11-22',
    reasoning: 'effort-or-default',
    fields: { logit_bias: null, logprobs: null, top_logprobs: null, store: null, prediction: null },
    quirks: [systemRoleOnly, switchedEffort, reasoningAsReasoning, declaredFields],
  },
  {
    id: 'moonshot',
    seen: '2026-11-22',
    reasoning: 'thinking-or-effort',
    cacheKeyField: 'prompt_cache_key',
    fields: { max_completion_tokens: 'max_tokens' },
    idleFields: ['seed', 'logit_bias', 'logprobs', 'top_logprobs'],
    quirks: [
      systemRoleOnly,
      reasoningBesideCalls,
      forcedToolsUnthinking,
      partialPrefill,
      schemaByInstruction,
      declaredFields,
    ],
  },
  {
    id: 'qwen',
    seen: '2026-11-22',
    reasoning: 'enable_thinking',
    takesTopK: true,
    takesCacheMarks: true,
    fields: { max_completion_tokens: 'max_tokens' },
    quirks: [systemRoleOnly, leadingSystemOnly, partialPrefill, declaredFields],
  },
  {
    id: 'zhipu',
    seen: '2026-11-22',
    efforts: [...usual, 'max'],
    reasoning: 'thinking',
    stopLimit: 1,
    fields: { max_completion_tokens: 'max_tokens' },
    idleFields: [
      'parallel_tool_calls',
      'seed',
      'presence_penalty',
      'frequency_penalty',
      'logit_bias',
      'logprobs',
      'top_logprobs',
    ],
    quirks: [systemRoleOnly, textBesideCalls, freeToolChoice, schemaByInstruction, declaredFields],
  },
  {
    id: 'openrouter',
    seen: '2026-11-22',
    efforts: ['none', 'minimal', ...usual, 'xhigh'],
    reasoning: 'reasoning',
    takesTopK: true,
    takesCacheMarks: true,
    cacheKeyField: 'prompt_cache_key',
    takesReasoningDetails: true,
    quirks: [reasoningBesideCalls],
  },
  {
    id: 'together',
    seen: '2026-11-22',
    reasoning: 'reasoning-enabled',
    takesTopK: true,
    fields: { max_completion_tokens: 'max_tokens', store: null },
    quirks: [systemRoleOnly, reasoningAsReasoning, declaredFields],
  },
  {
    id: 'fireworks',
    seen: '2026-11-22',
    efforts: ['none', ...usual],
    takesTopK: true,
    cacheKeyField: 'prompt_cache_key',
    fields: { store: null },
    quirks: [systemRoleOnly, reasoningBesideCalls, declaredFields],
  },
  {
    id: 'cerebras',
    seen: '2026-11-22',
    limitField: 'max_completion_tokens',
    efforts: ['none', ...usual],
    fields: {
      frequency_penalty: null,
      presence_penalty: null,
      logit_bias: null,
      store: null,
      metadata: null,
      verbosity: null,
    },
    quirks: [systemRoleOnly, reasoningAsReasoning, evenStrictness, declaredFields],
  },
  {
    id: 'perplexity',
    seen: '2026-11-22',
    efforts: ['minimal', ...usual],
    reasoning: 'effort',
    takesTopK: true,
    thinksInText: true,
    fields: { ...platformFields, stream_options: null, logprobs: null, top_logprobs: null, n: null },
    idleFields: ['seed', 'user', 'logit_bias'],
    quirks: [
      systemRoleOnly,
      noTools,
      noReasoningReplay,
      singleSystem,
      leadingSystemOnly,
      alternatingTurns,
      userAtEnd,
      declaredFields,
    ],
  },
  {
    id: 'ollama',
    seen: '2026-11-22',
    efforts: ['none', ...usual],
    reasoning: 'effort',
    fetchesMedia: false,
    fields: { max_completion_tokens: 'max_tokens' },
    idleFields: ['logit_bias', 'n'],
    quirks: [systemRoleOnly, reasoningAsReasoning, declaredFields],
  },
  {
    id: 'vllm',
    seen: '2026-11-22',
    reasoning: 'template',
    takesTopK: true,
    quirks: [systemRoleOnly, leadingSystemOnly, reasoningAsReasoning],
  },
  {
    id: 'litellm',
    seen: '2026-11-22',
    efforts: ['none', 'minimal', ...usual, 'xhigh'],
    takesCacheMarks: true,
    cacheKeyField: 'prompt_cache_key',
    quirks: [reasoningBesideCalls, toolsWithHistory],
  },
];

const dialects: ReadonlyMap<string, Dialect> = new Map(
  [plain, ...described].map((one) => [one.id, { ...plain, ...one }]),
);

export const dialectIds: readonly string[] = [...dialects.keys()];

/** Quirks that an operator can name for a server nobody described. */
const nameable: readonly Quirk[] = [
  alternatingTurns,
  answerBeforeUser,
  evenStrictness,
  freeToolChoice,
  leadingSystemOnly,
  namedToolResults,
  nineCharacterCallIds,
  noReasoningReplay,
  noTools,
  partialPrefill,
  prefixPrefill,
  reasoningAsBlocks,
  reasoningAsReasoning,
  schemaByInstruction,
  singleSystem,
  systemRoleOnly,
  textBesideCalls,
  toolsWithHistory,
  userAtEnd,
];

export const quirkNames: readonly string[] = nameable.map((quirk) => quirk.name);

/** The dialect of this id, with more quirks after it (`vllm+alternating-turns`); the plain one where there is none. */
export function dialectNamed(id: string | undefined): Dialect {
  const [base = '', ...more] = (id ?? '').split('+');
  const found = dialects.get(base) ?? plain;
  if (more.length === 0) return found;
  const quirks = nameable.filter((quirk) => more.includes(quirk.name) && !found.quirks.includes(quirk));
  return { ...found, id: id ?? found.id, quirks: [...quirks, ...found.quirks] };
}
