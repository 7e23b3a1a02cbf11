import type { Exchange } from '../../engine/exchange.ts';
import { AnthropicRefusal } from './refusals.ts';

export type ThinkingType = 'adaptive' | 'enabled' | 'disabled' | 'between_tools';

type Effort = 'low' | 'medium' | 'high' | 'xhigh' | 'max';

/** What a model takes and refuses; the checks read these properties, never a name. */
export interface ModelRules {
  readonly id: string;
  readonly displayName: string;
  readonly line: 'haiku' | 'sonnet' | 'opus' | 'fable' | 'mythos';
  readonly createdAt: string;
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  readonly thinking: readonly ThinkingType[];
  /** Thinks when the request says nothing about it. */
  readonly alwaysThinks: boolean;
  /** Its thinking blocks go back to itself only. */
  readonly bindsThinking: boolean;
  readonly takesForcedTools: boolean;
  readonly takesSampling: boolean;
  /** Takes temperature and top_p together. */
  readonly takesBothSamplings: boolean;
  readonly takesPrefill: boolean;
  /** The highest effort at which thinking may be switched off. */
  readonly disablesThinkingAboveHigh: boolean;
  readonly efforts: readonly Effort[];
}

interface Era {
  readonly since: number;
  readonly rules: Omit<ModelRules, 'id' | 'displayName' | 'line' | 'createdAt' | 'maxOutputTokens'>;
}

const EARLY = {
  contextTokens: 200_000,
  thinking: ['enabled', 'disabled'],
  alwaysThinks: false,
  bindsThinking: false,
  takesForcedTools: true,
  takesSampling: true,
  takesBothSamplings: true,
  takesPrefill: true,
  disablesThinkingAboveHigh: true,
  efforts: [],
} as const;
const WIDE = { ...EARLY, contextTokens: 1_000_000, takesBothSamplings: false, takesPrefill: false } as const;
const ADAPTIVE = {
  ...WIDE,
  thinking: ['adaptive', 'enabled', 'disabled'],
  efforts: ['low', 'medium', 'high', 'max'],
} as const;
const EVERY_EFFORT = { efforts: ['low', 'medium', 'high', 'xhigh', 'max'] } as const;
const FIFTH = { ...ADAPTIVE, ...EVERY_EFFORT, takesSampling: false, bindsThinking: true } as const;

const ERAS: readonly Era[] = [
  { since: 3, rules: EARLY },
  { since: 4.1, rules: { ...EARLY, takesBothSamplings: false } },
  { since: 4.6, rules: ADAPTIVE },
  { since: 4.7, rules: { ...ADAPTIVE, ...EVERY_EFFORT, takesSampling: false } },
  { since: 5, rules: FIFTH },
  { since: 5.5, rules: { ...FIFTH, thinking: ['adaptive', 'disabled'], disablesThinkingAboveHigh: false } },
];

/** Where a model leaves the rules of its time. */
const EXCEPTIONS: Readonly<Record<string, Partial<ModelRules>>> = {
  'claude-sonnet-5-5': {
    thinking: ['adaptive', 'between_tools'],
    alwaysThinks: true,
    takesForcedTools: false,
    disablesThinkingAboveHigh: false,
  },
  'claude-opus-5-5': { thinking: ['adaptive'], alwaysThinks: true, takesForcedTools: false },
  'claude-opus-4-5': { efforts: ['low', 'medium', 'high'] },
  'claude-opus-5': { disablesThinkingAboveHigh: false },
  'claude-fable-5': { thinking: ['adaptive'], alwaysThinks: true },
  'claude-fable-5-1': { thinking: ['adaptive'], alwaysThinks: true, takesForcedTools: false },
  'claude-fable-5-2': { thinking: ['adaptive'], alwaysThinks: true, takesForcedTools: false },
};

/** Name without date, version, date of the snapshot (or of the release), most output tokens. */
const ROWS: readonly (readonly [string, number, string, number])[] = [
  ['claude-fable-5-2', 5.2, '2026-11-05', 128_000],
  ['claude-mythos-5-2', 5.2, '2026-11-05', 128_000],
  ['claude-haiku-5-5', 5.5, '2026-10-15', 128_000],
  ['claude-sonnet-5-5', 5.5, '2026-09-24', 128_000],
  ['claude-fable-5-1', 5.1, '2026-09-03', 128_000],
  ['claude-opus-5-5', 5.5, '2026-09-10', 128_000],
  ['claude-mythos-5-1', 5.1, '2026-09-03', 128_000],
  ['claude-sonnet-5', 5, '2026-07-09', 128_000],
  ['claude-fable-5', 5, '2026-06-18', 128_000],
  ['claude-mythos-5', 5, '2026-06-18', 128_000],
  ['claude-opus-5', 5, '2026-06-04', 128_000],
  ['claude-opus-4-8', 4.8, '2026-05-06', 128_000],
  ['claude-opus-4-7', 4.7, '2026-04-08', 128_000],
  ['claude-sonnet-4-6', 4.6, '2026-02-17', 128_000],
  ['claude-opus-4-6', 4.6, '2026-02-05', 128_000],
  ['claude-opus-4-5-20251101', 4.5, '2025-11-01', 64_000],
  ['claude-haiku-4-5-20251001', 4.5, '2025-10-01', 64_000],
  ['claude-sonnet-4-5-20250929', 4.5, '2025-09-29', 64_000],
  ['claude-opus-4-1-20250805', 4.1, '2025-08-05', 32_000],
  ['claude-opus-4-20250514', 4, '2025-05-14', 32_000],
  ['claude-sonnet-4-20250514', 4, '2025-05-14', 64_000],
  ['claude-3-7-sonnet-20250219', 3.7, '2025-02-19', 64_000],
  ['claude-3-5-haiku-20241022', 3.5, '2024-10-22', 8192],
  ['claude-3-haiku-20240307', 3, '2024-03-07', 4096],
];

export const models: readonly ModelRules[] = ROWS.map(([id, version, date, maxOutputTokens]) => {
  const era = ERAS.findLast(({ since }) => since <= version)?.rules ?? EARLY;
  const name = id.replace(/-\d{8}$/, '');
  const line =
    (['haiku', 'sonnet', 'opus', 'fable', 'mythos'] as const).find((each) => name.includes(each)) ?? 'sonnet';
  const thinking = version < 3.7 ? (['disabled'] as const) : era.thinking;
  const displayName = `Claude ${line[0]?.toUpperCase()}${line.slice(1)} ${version}`;
  const createdAt = `${date}T00:00:00Z`;
  return { ...era, id, displayName, line, createdAt, maxOutputTokens, thinking, ...EXCEPTIONS[name] };
});

/** A full id, the name without its date, or `-latest` and `-0` after it. */
function findModel(name: string): ModelRules | undefined {
  const plain = name.replace(/-(?:latest|0)$/, '');
  return models.find(({ id }) => id === name || id.replace(/-\d{8}$/, '') === plain);
}

export function requireModel(name: string, exchange: Exchange): ModelRules {
  const model = findModel(name);
  const allowed = exchange.account.models;
  const isAllowed = allowed === undefined || allowed.includes(name) || allowed.includes(model?.id ?? name);
  if (model === undefined || !isAllowed) throw new AnthropicRefusal(`model: ${name}`, 404);
  return model;
}
