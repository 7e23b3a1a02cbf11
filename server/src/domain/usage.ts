/**
 * Token counts of one call by price class, as the upstream reported them.
 * `input` excludes cache reads and writes; `output` includes reasoning. All counts are whole tokens >= 0.
 */
export interface Usage {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite30m: number;
  readonly cacheWrite1h: number;
  readonly cacheWrite12h: number;
  readonly output: number;
  /** Part of `output` that was reasoning; informative, never charged again. */
  readonly reasoning: number;
  /** Parts of `input` and `output` that were audio or images, charged at their own price where the book has one. */
  readonly audioInput: number;
  readonly audioOutput: number;
  readonly imageInput: number;
  readonly imageOutput: number;
  /** Part of `input` that tools of the provider fed back, where it tells; informative. */
  readonly toolInput?: number;
  /** Hosted tool uses charged per request. */
  readonly webSearches: number;
  /** Tier the upstream says it served, in its own word (`standard`, `priority`, `flex`, ...); absent when it said none. */
  readonly serviceTier?: string;
}

export const noUsage: Usage = {
  input: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite30m: 0,
  cacheWrite1h: 0,
  cacheWrite12h: 0,
  output: 0,
  reasoning: 0,
  audioInput: 0,
  audioOutput: 0,
  imageInput: 0,
  imageOutput: 0,
  webSearches: 0,
};

/** Every token of the prompt, cached or not. Context tiers are chosen by this number. */
export function promptTokens(usage: Usage): number {
  return (
    usage.input +
    usage.cacheRead +
    usage.cacheWrite5m +
    usage.cacheWrite30m +
    usage.cacheWrite1h +
    usage.cacheWrite12h
  );
}

/** What a meter learned: exact counts, or an estimate with the reason why there is nothing better. */
export interface UsageReading {
  readonly usage: Usage;
  /** `reported` by the upstream, or `estimated` by the relay because the upstream said nothing. */
  readonly source: 'reported' | 'estimated';
  /** Oddities worth a flag on the receipt: `zero`, `negative`, `shrinking`, `above-context`. */
  readonly anomalies: readonly string[];
}
