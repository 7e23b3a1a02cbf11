import { RelayError } from '../domain/errors.ts';
import { isModelAllowed } from './model-allow.ts';
import type { LimitState, RateLimits } from '../domain/rate-limits.ts';
import type { EpochMs } from '../domain/time.ts';
import type { KeyUse, Limiter } from './limiter.ts';
import type { Principal } from './principal.ts';

/** The right to make one call. */
export interface Permit {
  /** As of the admission of this call. Absent where the key has no limits per minute. */
  readonly limits?: RateLimits;
  /** Replaces the estimate by what the call really used. The first call counts, later ones do nothing. */
  settle(actualTokens: number, now: EpochMs): void;
  /** Frees the concurrency slot. The first call counts. */
  readonly release: () => void;
}

interface Admission {
  /** Estimated tokens, prompt and output together. */
  readonly tokens: number;
  readonly model: string;
  readonly now: EpochMs;
}

function limited(
  code: 'request_rate_limited' | 'token_rate_limited',
  waitMs: number | undefined,
  limits: RateLimits,
): RelayError {
  if (waitMs !== undefined) return new RelayError(code, { retryAfterMs: waitMs, limits });
  return new RelayError(code, {
    limits,
    message: 'This request alone is larger than the relay key may use in a minute. Ask for less at once.',
  });
}

/** Throws when a limit is reached. Nothing is counted then: a refused call costs the caller nothing. */
function check(use: KeyUse, { limits }: Principal, { tokens, now }: Admission): void {
  const state = (): RateLimits => limitsOf(use, limits, now);
  if (limits.concurrency !== undefined && use.inFlight >= limits.concurrency) {
    throw new RelayError('concurrency_limited', { retryAfterMs: 1_000 });
  }
  if (limits.requestsPerMinute !== undefined) {
    const waitMs = use.requests.waitFor(1, limits.requestsPerMinute, now);
    if (waitMs !== 0) throw limited('request_rate_limited', waitMs, state());
  }
  if (limits.tokensPerMinute !== undefined) {
    const waitMs = use.tokens.waitFor(tokens, limits.tokensPerMinute, now);
    if (waitMs !== 0) throw limited('token_rate_limited', waitMs, state());
  }
}

function stateOf(limit: number, used: number): LimitState {
  return { limit, remaining: Math.max(0, limit - used) };
}

/** After a minute without calls nothing counts any more. */
const windowMs = 60_000;

function limitsOf(use: KeyUse, limits: Principal['limits'], now: EpochMs): RateLimits {
  const { requestsPerMinute, tokensPerMinute } = limits;
  return {
    resetsAt: now + windowMs,
    resetsInMs: windowMs,
    ...(requestsPerMinute === undefined ? {} : { requests: stateOf(requestsPerMinute, use.requests.used) }),
    ...(tokensPerMinute === undefined ? {} : { tokens: stateOf(tokensPerMinute, use.tokens.used) }),
  };
}

const withoutLimits: Permit = { settle: () => undefined, release: () => undefined };

/**
 * Admits one call. Throws `model_not_allowed`, `request_rate_limited`, `token_rate_limited` or `concurrency_limited`.
 * All in one turn of the event loop, so calls that arrive together cannot pass a limit together.
 */
export function admit(limiter: Limiter, principal: Principal, admission: Admission): Permit {
  const { tokens, model, now } = admission;
  if (!isModelAllowed(principal, model)) {
    throw new RelayError('model_not_allowed', { param: 'model' });
  }
  const { requestsPerMinute, tokensPerMinute, concurrency } = principal.limits;
  if (requestsPerMinute === undefined && tokensPerMinute === undefined && concurrency === undefined) {
    return withoutLimits;
  }
  const use = limiter.use(principal.keyId, now);
  check(use, principal, admission);
  if (requestsPerMinute !== undefined) use.requests.add(1, now);
  if (tokensPerMinute !== undefined) use.tokens.add(tokens, now);
  use.inFlight += 1;
  let isSettled = false;
  let isReleased = false;
  return {
    limits: limitsOf(use, principal.limits, now),
    settle(actualTokens, settledAt) {
      if (isSettled) return;
      isSettled = true;
      if (tokensPerMinute !== undefined) use.tokens.correct(actualTokens - tokens, now, settledAt);
    },
    release() {
      if (isReleased) return;
      isReleased = true;
      use.inFlight -= 1;
    },
  };
}

/** Admits a request that reads the books or lists models: it counts as a request, uses no tokens and names no model. */
export function admitRead(limiter: Limiter, principal: Principal, now: EpochMs): Permit {
  const { allowedModels: _, ...withoutModels } = principal;
  return admit(limiter, withoutModels, { tokens: 0, model: '', now });
}
