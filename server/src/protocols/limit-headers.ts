import type { LimitState, RateLimits } from '../domain/rate-limits.ts';

/** A caller's limits in the headers that the clients of a wire read. Flat lists, lower-case names. */
export function openAiLimitHeaders(limits: RateLimits): readonly string[] {
  return headersOf(limits, openAiNames, `${Math.ceil(limits.resetsInMs / 1_000)}s`);
}

export function anthropicLimitHeaders(limits: RateLimits): readonly string[] {
  return headersOf(limits, anthropicNames, new Date(limits.resetsAt).toISOString());
}

interface Names {
  readonly limit: string;
  readonly remaining: string;
  readonly reset: string;
}

/** Written out, so that no name is put together anew for every call. */
const openAiNames = {
  requests: {
    limit: 'x-ratelimit-limit-requests',
    remaining: 'x-ratelimit-remaining-requests',
    reset: 'x-ratelimit-reset-requests',
  },
  tokens: {
    limit: 'x-ratelimit-limit-tokens',
    remaining: 'x-ratelimit-remaining-tokens',
    reset: 'x-ratelimit-reset-tokens',
  },
};

const anthropicNames = {
  requests: {
    limit: 'anthropic-ratelimit-requests-limit',
    remaining: 'anthropic-ratelimit-requests-remaining',
    reset: 'anthropic-ratelimit-requests-reset',
  },
  tokens: {
    limit: 'anthropic-ratelimit-tokens-limit',
    remaining: 'anthropic-ratelimit-tokens-remaining',
    reset: 'anthropic-ratelimit-tokens-reset',
  },
};

function headersOf(
  { requests, tokens }: RateLimits,
  names: { readonly requests: Names; readonly tokens: Names },
  reset: string,
): readonly string[] {
  const headers: string[] = [];
  if (requests !== undefined) pushState(headers, requests, { ...names.requests, at: reset });
  if (tokens !== undefined) pushState(headers, tokens, { ...names.tokens, at: reset });
  return headers;
}

function pushState(headers: string[], state: LimitState, names: Names & { readonly at: string }): void {
  headers.push(
    names.limit,
    String(state.limit),
    names.remaining,
    String(state.remaining),
    names.reset,
    names.at,
  );
}
