import type { RateLimits } from '../domain/rate-limits.ts';

/** A caller's limits in the headers that the clients of a wire read. Flat lists, lower-case names. */
export function openAiLimitHeaders(limits: RateLimits): readonly string[] {
  const reset = `${Math.ceil(limits.resetsInMs / 1_000)}s`;
  return kindsOf(limits).flatMap(([kind, { limit, remaining }]) => [
    `x-ratelimit-limit-${kind}`,
    String(limit),
    `x-ratelimit-remaining-${kind}`,
    String(remaining),
    `x-ratelimit-reset-${kind}`,
    reset,
  ]);
}

export function anthropicLimitHeaders(limits: RateLimits): readonly string[] {
  const reset = new Date(limits.resetsAt).toISOString();
  return kindsOf(limits).flatMap(([kind, { limit, remaining }]) => [
    `anthropic-ratelimit-${kind}-limit`,
    String(limit),
    `anthropic-ratelimit-${kind}-remaining`,
    String(remaining),
    `anthropic-ratelimit-${kind}-reset`,
    reset,
  ]);
}

function kindsOf({ requests, tokens }: RateLimits) {
  return [
    ...(requests === undefined ? [] : [['requests', requests] as const]),
    ...(tokens === undefined ? [] : [['tokens', tokens] as const]),
  ];
}
