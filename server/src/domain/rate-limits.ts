import type { EpochMs } from './time.ts';

/** What is left of one limit. */
export interface LimitState {
  readonly limit: number;
  readonly remaining: number;
}

/** A caller's limits per minute as of one call. The windows slide, so all is back a minute after the last call. */
export interface RateLimits {
  readonly requests?: LimitState;
  readonly tokens?: LimitState;
  readonly resetsAt: EpochMs;
  readonly resetsInMs: number;
}
