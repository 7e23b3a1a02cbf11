import { noUsage, type Usage } from '../domain/usage.ts';
import type { Shape } from './json-shape.ts';

/** Reads token counts off an upstream's usage object, noting what cannot be right. */
export interface TokenCounts {
  /** A whole count >= 0; absent, null and non-numbers are 0. */
  of(source: Shape | undefined, field: string): number;
  /** `left - right` where the upstream says that `right` is part of `left`. */
  without(left: number, right: number): number;
  readonly anomalies: string[];
}

export function tokenCounts(): TokenCounts {
  const anomalies: string[] = [];
  const clamp = (value: number): number => {
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
  const usage = { ...noUsage, ...fields };
  return {
    ...usage,
    audioInput: Math.min(usage.audioInput, usage.input),
    audioOutput: Math.min(usage.audioOutput, usage.output),
    imageInput: Math.min(usage.imageInput, usage.input),
    imageOutput: Math.min(usage.imageOutput, usage.output),
  };
}
