import type { RateLimits } from './rate-limits.ts';

/**
 * The one table of failures: who is to blame, what the client sees, what the attempt loop does next.
 * Policy reads this table; nobody else looks at status codes.
 */
export type Blame = 'client' | 'upstream' | 'relay';

/** What the attempt loop does after this failure. `stop` ends the call; the others move on. */
export type Disposition = 'stop' | 'next-candidate' | 'same-candidate-after';

/** What the failure means for the upstream account that caused it. */
export type AccountEffect =
  | 'none'
  | 'backoff'
  | 'out-until-mended'
  | 'cooldown-named'
  | 'cooldown-15m'
  | 'model-off-1h'
  | 'counts-against-health';

export interface ErrorEntry {
  readonly blame: Blame;
  readonly status: number;
  readonly disposition: Disposition;
  readonly effect: AccountEffect;
  /** False when the same call cannot succeed by waiting; becomes `x-should-retry: false`. */
  readonly retryable: boolean;
  readonly message: string;
}

const client = (status: number, message: string, retryable = false): ErrorEntry => ({
  blame: 'client',
  status,
  disposition: 'stop',
  effect: 'none',
  retryable,
  message,
});

const upstream = (
  status: number,
  disposition: Disposition,
  effect: AccountEffect,
  message: string,
): ErrorEntry => ({
  blame: 'upstream',
  status,
  disposition,
  effect,
  retryable: disposition !== 'stop' && effect !== 'model-off-1h',
  message,
});

const relay = (status: number, message: string, retryable: boolean): ErrorEntry => ({
  blame: 'relay',
  status,
  disposition: 'stop',
  effect: 'none',
  retryable,
  message,
});

export const errorCatalogue = {
  // The caller's request.
  malformed_body: client(400, 'The request body is not valid JSON.'),
  invalid_request: client(400, 'The request is not valid.'),
  unsupported_feature: client(400, 'The model cannot do what the request asks.'),
  strict_loss: client(400, 'The relay key is strict and the request would lose something in translation.'),
  context_too_long: client(400, 'The prompt is longer than the model can take.'),
  missing_key: client(401, 'No relay key was sent. Send it as "Authorization: Bearer sk-qz-...".'),
  unknown_key: client(401, 'The relay key is not known here.'),
  expired_key: client(401, 'The relay key has expired.'),
  disabled_key: client(401, 'The relay key is disabled.'),
  address_not_allowed: client(403, 'The relay key may not be used from this address.'),
  model_not_allowed: client(403, 'The relay key may not use this model.'),
  route_not_found: client(404, 'There is nothing at this address.'),
  model_not_found: client(404, 'No account offers this model.'),
  response_not_found: client(404, 'There is no such response.'),
  previous_response_not_found: client(400, 'The response that this call continues is not to be had.'),
  call_not_found: client(404, 'There is no such call.'),
  method_not_allowed: client(405, 'This address does not take this method.'),
  body_too_large: client(413, 'The request body is larger than the relay takes.'),
  unsupported_media_type: client(415, 'The request body must be uncompressed JSON.'),
  insufficient_balance: client(402, 'The wallet cannot cover this call. Top it up and try again.'),
  budget_exceeded: client(402, 'A spending limit is used up.'),
  request_rate_limited: client(429, 'Too many requests for this relay key.', true),
  token_rate_limited: client(429, 'Too many tokens for this relay key.', true),
  concurrency_limited: client(429, 'Too many calls at once for this relay key.', true),
  client_gone: client(499, 'The client left before the answer was complete.'),
  upgrade_refused: client(426, 'This address is spoken to by HTTP requests, not by a WebSocket.'),

  // The upstream, classified once by `upstreams/`.
  upstream_connection: upstream(502, 'next-candidate', 'backoff', 'The upstream could not be reached.'),
  upstream_timeout: upstream(
    504,
    'next-candidate',
    'counts-against-health',
    'The upstream did not answer in time.',
  ),
  upstream_auth: upstream(
    503,
    'next-candidate',
    'out-until-mended',
    "The upstream refused the operator's credential.",
  ),
  upstream_quota: upstream(503, 'next-candidate', 'cooldown-15m', 'The upstream account is out of quota.'),
  upstream_rate_limited: upstream(
    429,
    'next-candidate',
    'cooldown-named',
    'The upstream is limiting requests.',
  ),
  upstream_overloaded: upstream(
    503,
    'next-candidate',
    'counts-against-health',
    'The upstream is overloaded.',
  ),
  upstream_failed: upstream(502, 'next-candidate', 'counts-against-health', 'The upstream failed.'),
  upstream_model_missing: upstream(
    404,
    'next-candidate',
    'model-off-1h',
    'The upstream does not know this model.',
  ),
  upstream_rejected_input: upstream(400, 'stop', 'none', 'The upstream did not accept the request.'),
  upstream_refused_content: upstream(400, 'stop', 'none', 'The upstream refused the content.'),
  upstream_protocol: upstream(
    502,
    'next-candidate',
    'counts-against-health',
    'The upstream answered with something that is not its protocol.',
  ),
  upstream_empty: upstream(
    502,
    'next-candidate',
    'counts-against-health',
    'The upstream answered with nothing.',
  ),

  // The relay itself.
  no_candidate: relay(503, 'No upstream account can take this call now.', true),
  model_price_unknown: relay(503, 'This model has no price yet, so the relay does not serve it.', false),
  overloaded: relay(503, 'The relay is at its limit. Try again shortly.', true),
  shutting_down: relay(503, 'The relay is restarting. Try again shortly.', true),
  hold_exhausted: relay(402, 'The wallet could not cover the rest of the answer, so it was stopped.', false),
  deadline_exceeded: relay(504, 'The call took longer than the relay allows.', true),
  internal: relay(500, 'The relay failed. The operator can find the cause under this call id.', true),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorCatalogue;

/** Facts of one failure. Only values that are ours: never a credential, never anything from a body. */
export interface ErrorDetails {
  /** Overrides the catalogue's sentence; must say what happened, to what, and what to do. */
  readonly message?: string;
  /** Field of the request that is at fault, in the client's own spelling. */
  readonly param?: string;
  /** Soonest useful retry. */
  readonly retryAfterMs?: number;
  /** Our own limits of the caller, where one of them was reached. */
  readonly limits?: RateLimits;
  /** HTTP status the upstream gave, if it gave one. */
  readonly upstreamStatus?: number;
  /** The upstream's own words on input it rejected, keys masked. For the caller's answer alone: never in a log or message. */
  readonly upstreamSentence?: string;
}

/** An expected failure. Thrown by stages, caught by the attempt loop and the HTTP edge and nowhere else. */
export class RelayError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, cause?: unknown) {
    super(details.message ?? errorCatalogue[code].message, { cause });
    this.name = 'RelayError';
    this.code = code;
    this.details = details;
  }

  get entry(): ErrorEntry {
    return errorCatalogue[this.code];
  }
}
