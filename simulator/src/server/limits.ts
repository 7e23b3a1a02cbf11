import type { LimitDimension, LimitState } from '../providers/provider.ts';

/** Per minute. What is left out is told in the headers but never refused. */
export interface LimitSettings {
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  readonly inputTokensPerMinute?: number;
  readonly outputTokensPerMinute?: number;
}

export interface AccountLimits {
  /** Takes one request; answers the seconds to wait when it does not fit. */
  admit():
    | { readonly isAdmitted: true }
    | { readonly isAdmitted: false; readonly dimension: LimitDimension; readonly retryAfterS: number };
  /** Tokens are known afterwards and taken then; a full minute's worth may be overdrawn once. */
  spend(inputTokens: number, outputTokens: number): void;
  states(): readonly LimitState[];
}

interface Bucket {
  readonly dimension: LimitDimension;
  readonly perMinute: number;
  readonly isEnforced: boolean;
  level: number;
  filledAtMs: number;
}

const UNTOLD: Readonly<Record<LimitDimension, number>> = {
  requests: 4000,
  tokens: 4_000_000,
  'input-tokens': 4_000_000,
  'output-tokens': 800_000,
};

/** Token buckets that fill continuously, as the providers' own do. */
export function createAccountLimits(settings: LimitSettings, now: () => number): AccountLimits {
  const bucket = (dimension: LimitDimension, setting: number | undefined): Bucket => {
    const perMinute = setting ?? UNTOLD[dimension];
    return { dimension, perMinute, isEnforced: setting !== undefined, level: perMinute, filledAtMs: now() };
  };
  const requests = bucket('requests', settings.requestsPerMinute);
  const tokens = bucket('tokens', settings.tokensPerMinute);
  const input = bucket('input-tokens', settings.inputTokensPerMinute);
  const output = bucket('output-tokens', settings.outputTokensPerMinute);
  const buckets = [requests, tokens, input, output];

  const fill = (): void => {
    for (const each of buckets) {
      const grown = ((now() - each.filledAtMs) * each.perMinute) / 60_000;
      each.level = Math.min(each.perMinute, each.level + grown);
      each.filledAtMs = now();
    }
  };

  return {
    admit() {
      fill();
      const empty = buckets.find((each) => each.isEnforced && each.level < 1);
      if (empty !== undefined) {
        const retryAfterS = Math.max(0.001, ((1 - empty.level) * 60) / empty.perMinute);
        return {
          isAdmitted: false,
          dimension: empty.dimension,
          retryAfterS: Math.ceil(retryAfterS * 1000) / 1000,
        };
      }
      requests.level -= 1;
      return { isAdmitted: true };
    },
    spend(inputTokens, outputTokens) {
      fill();
      tokens.level -= inputTokens + outputTokens;
      input.level -= inputTokens;
      output.level -= outputTokens;
    },
    states() {
      fill();
      return buckets.map((each) => ({
        dimension: each.dimension,
        limit: each.perMinute,
        remaining: Math.max(0, each.level),
        resetAtMs: now() + ((each.perMinute - each.level) * 60_000) / each.perMinute,
      }));
    },
  };
}
