/**
 * What the simulator holds to be true of each OpenAI model. Source: the provider's model pages and the subsets its
 * SDK adapters enforce, as of 2026-11; older rows from long-known behaviour.
 */
export interface OpenAiModel {
  readonly id: string;
  /** What answers call themselves. */
  readonly snapshot: string;
  readonly createdAt: number;
  readonly kind: 'generation' | 'embedding' | 'legacy-completion';
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  /** Absent: the model does not reason. */
  readonly reasoning?: {
    readonly efforts: readonly string[];
    readonly defaultEffort: string;
    /** When temperature, top_p and logprobs are taken. */
    readonly sampling: 'never' | 'at-effort-none';
  };
  readonly refusesStop: boolean;
  readonly refusesSystemRole: boolean;
  /** Function tools together with reasoning are refused on Chat Completions. */
  readonly refusesChatToolsWithReasoning: boolean;
  readonly refusesCacheRetention: boolean;
  readonly isResponsesOnly: boolean;
  readonly hasWebSearchOptions: boolean;
  readonly reportsCacheWrites: boolean;
  /** Full and largest vector length of an embedding model. */
  readonly dimensions?: number;
  readonly hasChosenDimensions: boolean;
}

type Facts = Partial<Omit<OpenAiModel, 'id'>>;

const plain = {
  createdAt: 1_700_000_000,
  kind: 'generation',
  contextTokens: 128_000,
  maxOutputTokens: 16_384,
  refusesStop: false,
  refusesSystemRole: false,
  refusesChatToolsWithReasoning: false,
  refusesCacheRetention: false,
  isResponsesOnly: false,
  hasWebSearchOptions: false,
  reportsCacheWrites: false,
  hasChosenDimensions: false,
} as const;

const wide = { contextTokens: 400_000, maxOutputTokens: 128_000 };
const widest = { contextTokens: 1_050_000, maxOutputTokens: 128_000 };
const oSeries = {
  contextTokens: 200_000,
  maxOutputTokens: 100_000,
  reasoning: { efforts: ['low', 'medium', 'high'], defaultEffort: 'medium', sampling: 'never' },
} as const satisfies Facts;

function reasoning(
  efforts: readonly string[],
  defaultEffort = 'medium',
): NonNullable<OpenAiModel['reasoning']> {
  return {
    efforts,
    defaultEffort,
    sampling: efforts.includes('none') ? 'at-effort-none' : 'never',
  };
}

const gpt5 = reasoning(['minimal', 'low', 'medium', 'high']);
const gpt51 = reasoning(['none', 'low', 'medium', 'high'], 'none');
const gpt52 = reasoning(['none', 'low', 'medium', 'high', 'xhigh'], 'none');
const gpt55 = reasoning(['none', 'low', 'medium', 'high', 'xhigh']);
const gpt56 = reasoning(['none', 'low', 'medium', 'high', 'xhigh', 'max']);
const gpt6 = reasoning(['low', 'medium', 'high', 'xhigh', 'max']);
const proOnly = reasoning(['medium', 'high', 'xhigh'], 'high');

const caching = { reportsCacheWrites: true };
const from56: Facts = { ...widest, ...caching, reasoning: gpt56, refusesChatToolsWithReasoning: true };
const from6: Facts = { ...widest, ...caching, refusesCacheRetention: true };

const rows: Readonly<Record<string, Facts>> = {
  'gpt-6.1-sol': { ...from6, reasoning: gpt6, createdAt: 1_793_000_000 },
  'gpt-6.1-terra': { ...from6, reasoning: gpt56, createdAt: 1_793_000_000 },
  'gpt-6-astra': { ...from6, reasoning: gpt6, createdAt: 1_789_000_000 },
  'gpt-6-sol': { ...from6, reasoning: gpt56, createdAt: 1_789_000_000 },
  'gpt-6-luna': { ...from6, reasoning: gpt56, createdAt: 1_789_000_000 },
  'gpt-5.6': { ...from56, snapshot: 'gpt-5.6-sol', createdAt: 1_783_000_000 },
  'gpt-5.6-sol': { ...from56, createdAt: 1_783_000_000 },
  'gpt-5.6-terra': { ...from56, createdAt: 1_783_000_000 },
  'gpt-5.6-luna': { ...from56, createdAt: 1_783_000_000 },
  'gpt-5.6-cyber': { ...from56, ...wide, createdAt: 1_783_000_000 },
  'gpt-5.5': { ...widest, reasoning: gpt55, snapshot: 'gpt-5.5-2026-04-23', createdAt: 1_776_900_000 },
  'gpt-5.5-pro': { ...widest, reasoning: proOnly, isResponsesOnly: true, createdAt: 1_776_900_000 },
  'gpt-5.4': { ...widest, reasoning: gpt52, createdAt: 1_772_600_000 },
  'gpt-5.4-pro': { ...widest, reasoning: proOnly, isResponsesOnly: true, createdAt: 1_772_600_000 },
  'gpt-5.4-mini': { ...wide, reasoning: gpt52, snapshot: 'gpt-5.4-mini-2026-03-17' },
  'gpt-5.4-nano': { ...wide, reasoning: gpt52, snapshot: 'gpt-5.4-nano-2026-03-17' },
  'gpt-5.3-codex': { ...wide, reasoning: gpt52, isResponsesOnly: true },
  'gpt-5.2': { ...wide, reasoning: gpt52, snapshot: 'gpt-5.2-2025-12-11' },
  'gpt-5.2-pro': { ...wide, reasoning: proOnly, isResponsesOnly: true },
  'gpt-5.1': { ...wide, reasoning: gpt51, snapshot: 'gpt-5.1-2025-11-13' },
  'gpt-5.1-codex': { ...wide, reasoning: gpt51, isResponsesOnly: true },
  'gpt-5': { ...wide, reasoning: gpt5, snapshot: 'gpt-5-2025-08-07' },
  'gpt-5-mini': { ...wide, reasoning: gpt5, snapshot: 'gpt-5-mini-2025-08-07' },
  'gpt-5-nano': { ...wide, reasoning: gpt5, snapshot: 'gpt-5-nano-2025-08-07' },
  'gpt-5-pro': { ...wide, reasoning: reasoning(['high'], 'high'), isResponsesOnly: true },
  'gpt-5-chat-latest': {},
  'gpt-4.1': { contextTokens: 1_047_576, maxOutputTokens: 32_768, snapshot: 'gpt-4.1-2025-04-14' },
  'gpt-4.1-mini': { contextTokens: 1_047_576, maxOutputTokens: 32_768, snapshot: 'gpt-4.1-mini-2025-04-14' },
  'gpt-4.1-nano': { contextTokens: 1_047_576, maxOutputTokens: 32_768, snapshot: 'gpt-4.1-nano-2025-04-14' },
  'gpt-4.5-preview': { snapshot: 'gpt-4.5-preview-2025-02-27' },
  'gpt-4o': { snapshot: 'gpt-4o-2024-08-06', createdAt: 1_715_367_049 },
  'gpt-4o-mini': { snapshot: 'gpt-4o-mini-2024-07-18', createdAt: 1_721_172_741 },
  'gpt-4o-search-preview': { hasWebSearchOptions: true, snapshot: 'gpt-4o-search-preview-2025-03-11' },
  'gpt-4o-mini-search-preview': { hasWebSearchOptions: true },
  'gpt-4-turbo': { maxOutputTokens: 4096, snapshot: 'gpt-4-turbo-2024-04-09' },
  'gpt-4': { contextTokens: 8192, maxOutputTokens: 8192, snapshot: 'gpt-4-0613' },
  'gpt-3.5-turbo': { contextTokens: 16_385, maxOutputTokens: 4096, snapshot: 'gpt-3.5-turbo-0125' },
  'computer-use-preview': { isResponsesOnly: true, snapshot: 'computer-use-preview-2025-03-11' },
  o1: { ...oSeries, snapshot: 'o1-2024-12-17' },
  'o1-mini': { ...oSeries, refusesSystemRole: true, snapshot: 'o1-mini-2024-09-12' },
  'o3-mini': { ...oSeries, snapshot: 'o3-mini-2025-01-31' },
  o3: { ...oSeries, refusesStop: true, snapshot: 'o3-2025-04-16' },
  'o3-pro': { ...oSeries, refusesStop: true, isResponsesOnly: true, snapshot: 'o3-pro-2025-06-10' },
  'o4-mini': { ...oSeries, refusesStop: true, snapshot: 'o4-mini-2025-04-16' },
  'text-embedding-3-small': {
    kind: 'embedding',
    contextTokens: 8192,
    dimensions: 1536,
    hasChosenDimensions: true,
  },
  'text-embedding-3-large': {
    kind: 'embedding',
    contextTokens: 8192,
    dimensions: 3072,
    hasChosenDimensions: true,
  },
  'text-embedding-ada-002': {
    kind: 'embedding',
    contextTokens: 8192,
    dimensions: 1536,
    snapshot: 'text-embedding-ada-002-v2',
  },
  'gpt-3.5-turbo-instruct': {
    kind: 'legacy-completion',
    contextTokens: 4096,
    maxOutputTokens: 4096,
    snapshot: 'gpt-3.5-turbo-instruct:20230824-v2',
  },
  'davinci-002': { kind: 'legacy-completion', contextTokens: 16_384 },
  'babbage-002': { kind: 'legacy-completion', contextTokens: 16_384 },
};

export const models: readonly OpenAiModel[] = Object.entries(rows).map(([id, facts]) => ({
  ...plain,
  snapshot: id,
  ...facts,
  id,
}));

const byName = new Map(
  models.flatMap((model) => [[model.snapshot, model] as const, [model.id, model] as const]),
);

/** A model by its name or by the name of its snapshot. */
export function findModel(name: string): OpenAiModel | undefined {
  const exact = byName.get(name);
  if (exact !== undefined) return exact;
  const undated = name.replace(/-\d{4}-\d{2}-\d{2}$/u, '');
  const dated = undated === name ? undefined : byName.get(undated);
  return dated === undefined ? undefined : { ...dated, id: name, snapshot: name };
}

/** Facts of a model nobody listed: nothing about it is refused. */
export function unlistedModel(name: string): OpenAiModel {
  return {
    ...plain,
    id: name,
    snapshot: name,
    contextTokens: 1_000_000,
    maxOutputTokens: 128_000,
    hasWebSearchOptions: true,
  };
}
