import type { SomeAbilities } from './model-abilities.ts';
import type { NanoUsd } from './money.ts';
import type { EpochMs } from './time.ts';

/** Token classes that carry a price of their own. */
export const tokenClasses = [
  'input',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite30m',
  'cacheWrite1h',
  'cacheWrite12h',
  'output',
  'audioInput',
  'audioOutput',
  'imageInput',
  'imageOutput',
] as const;
export type TokenClass = (typeof tokenClasses)[number];

/** Nano-USD per million tokens, by class. A class without a price is charged as its base class (`input` or `output`). */
export type ClassPrices = Readonly<Partial<Record<TokenClass, NanoUsd>>> & {
  readonly input: NanoUsd;
  readonly output: NanoUsd;
};

/** Prices of one upstream model in force from `validFrom` (inclusive) to `validUntil` (exclusive). */
export interface PriceVersion {
  readonly id: string;
  readonly model: string;
  readonly validFrom: EpochMs;
  readonly validUntil?: EpochMs;
  readonly prices: ClassPrices;
  /** The highest tier whose `aboveInputTokens` the prompt passes reprices the whole call. */
  readonly contextTiers: readonly {
    readonly aboveInputTokens: number;
    readonly prices: Partial<ClassPrices>;
  }[];
  /** Prices for hours of the UTC day on the given weekdays (0 = Sunday). First match wins. */
  readonly hourBands: readonly {
    readonly days: readonly number[];
    readonly fromMinute: number;
    readonly toMinute: number;
    readonly prices: Partial<ClassPrices>;
  }[];
  /** Parts per thousand by the tier that was served, e.g. `{ priority: 2000, flex: 500 }`. */
  readonly serviceTierPerMille: Readonly<Record<string, number>>;
  /** Nano-USD per single hosted web search. */
  readonly webSearch?: NanoUsd;
}

/** What is known of a model; drives limits, estimates and encoders. A new model is a row. */
export interface ModelFacts {
  readonly id: string;
  readonly provider: string;
  readonly aliases: readonly string[];
  /** Tokens; 0 where nobody published it. */
  readonly contextWindow: number;
  /** Tokens; 0 where the model answers with none or nobody published it. */
  readonly maxOutput: number;
  readonly inputModalities: readonly string[];
  readonly outputModalities: readonly string[];
  /** What it costs more where a cloud sells it apart, in parts per thousand of every price, e.g. in one region only. */
  readonly surchargesPerMille?: Readonly<Record<string, number>>;
  /** Its family in `catalogue/families.json`, where the name does not tell. */
  readonly family?: string;
  /** Where it differs from its family. */
  readonly accepts?: SomeAbilities;
  /** Where it differs at one upstream alone, by the upstream's kind or preset. */
  readonly acceptsAt?: Readonly<Record<string, SomeAbilities>>;
}
