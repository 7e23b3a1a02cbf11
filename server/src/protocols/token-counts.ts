import type { Usage } from '../domain/usage.ts';
import type { Shape } from './json-shape.ts';

/** Reads token counts off an upstream's usage object, noting what cannot be right. */
export interface TokenCounts {
  /** A whole count >= 0; absent, null and non-numbers are 0. */
  of(source: Shape | undefined, field: string): number;
  /** `left - right` where the upstream says that `right` is part of `left`. */
  without(left: number, right: number): number;
  readonly anomalies: string[];
}

/** Sums of such counts are still exact; no answer was ever near it. */
const largestCount = 2 ** 48;

export function tokenCounts(): TokenCounts {
  const anomalies: string[] = [];
  const clamp = (value: number): number => {
    if (value > largestCount) {
      if (!anomalies.includes('huge')) anomalies.push('huge');
      return largestCount;
    }
    if (value >= 0) return value;
    if (!anomalies.includes('negative')) anomalies.push('negative');
    return 0;
  };
  return {
    anomalies,
    of(source, field) {
      const value = source?.[field];
      return typeof value === 'number' && Number.isFinite(value) ? clamp(Math.round(value)) : 0;
    },
    without(left, right) {
      return Math.max(0, left - right);
    },
  };
}

/** Parts with a price of their own never exceed the whole they are charged out of. */
export function usageOf(fields: Partial<Usage>): Usage {
  const { input = 0, output = 0, toolInput = 0, serviceTier } = fields;
  return {
    input,
    cacheRead: fields.cacheRead ?? 0,
    cacheWrite5m: fields.cacheWrite5m ?? 0,
    cacheWrite30m: fields.cacheWrite30m ?? 0,
    cacheWrite1h: fields.cacheWrite1h ?? 0,
    cacheWrite12h: fields.cacheWrite12h ?? 0,
    output,
    reasoning: fields.reasoning ?? 0,
    audioInput: Math.min(fields.audioInput ?? 0, input),
    audioOutput: Math.min(fields.audioOutput ?? 0, output),
    imageInput: Math.min(fields.imageInput ?? 0, input),
    imageOutput: Math.min(fields.imageOutput ?? 0, output),
    webSearches: fields.webSearches ?? 0,
    ...(toolInput === 0 ? {} : { toolInput: Math.min(toolInput, input) }),
    ...(serviceTier === undefined ? {} : { serviceTier }),
  };
}
