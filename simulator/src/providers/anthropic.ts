import { bearerToken } from './provider.ts';
import type { Provider, ProviderError } from './provider.ts';

const TYPE_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  413: 'request_too_large',
  422: 'invalid_request_error',
  429: 'rate_limit_error',
  500: 'api_error',
  502: 'api_error',
  503: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

const MESSAGE_OF_STATUS: Readonly<Record<number, string>> = {
  401: 'invalid x-api-key',
  402: 'Your credit balance is too low to access the API. Please go to Plans & Billing to upgrade or purchase credits.',
  403: 'Your API key does not have permission to use the specified resource.',
  404: 'The requested resource could not be found.',
  408: 'Request timed out.',
  409: 'The request conflicts with the current state of the resource.',
  413: 'Request exceeds the maximum size',
  429: 'This request would exceed the rate limit for your organization.',
  500: 'Internal server error',
  502: 'Bad gateway',
  503: 'Service unavailable',
  504: 'Request timed out. Please try again or use streaming for long requests.',
  529: 'Overloaded',
};

export const anthropic: Provider = {
  id: 'anthropic',
  usageFields: ['usage'],
  findKey: ({ headers }) => headers['x-api-key'] ?? bearerToken(headers),
  isWellFormedKey: (key) => /^sk-ant-[\w-]{4,}$/.test(key),
  keyRefusal(key, requestId) {
    const message = key === undefined ? 'x-api-key header is required' : 'invalid x-api-key';
    return { status: 401, headers: {}, body: errorBody({ status: 401, requestId, message }) };
  },
  errorBody,
  errorHeaders(error) {
    const headers: Record<string, string> = {};
    const waits = error.status === 429 || error.retryAfterS !== undefined;
    if (waits) headers['retry-after'] = String(Math.ceil(error.retryAfterS ?? 1));
    if (error.status === 429 || error.status >= 500) headers['x-should-retry'] = 'true';
    if (error.status < 409 && error.status !== 408) headers['x-should-retry'] = 'false';
    return headers;
  },
  streamError: (error) => `event: error\ndata: ${JSON.stringify(errorBody(error))}\n\n`,
  commonHeaders: (requestId) => ({
    'request-id': requestId,
    'anthropic-organization-id': '5151e0a2-0000-4000-8000-5151e0a25151',
  }),
  limitHeaders(limits) {
    const headers: Record<string, string> = {};
    for (const state of limits) {
      const stem = `anthropic-ratelimit-${state.dimension}`;
      const isTokens = state.dimension !== 'requests';
      // Token counts left are told in thousands only.
      const remaining =
        isTokens && state.limit >= 10_000 ? Math.round(state.remaining / 1000) * 1000 : state.remaining;
      headers[`${stem}-limit`] = String(state.limit);
      headers[`${stem}-remaining`] = String(Math.max(0, Math.floor(remaining)));
      headers[`${stem}-reset`] = new Date(state.resetAtMs).toISOString().replace(/\.\d+Z$/, 'Z');
    }
    return headers;
  },
};

function errorBody(error: ProviderError) {
  const type =
    error.type ??
    TYPE_OF_STATUS[error.status] ??
    (error.status < 500 ? 'invalid_request_error' : 'api_error');
  const message = error.message ?? MESSAGE_OF_STATUS[error.status] ?? 'Invalid request';
  const details = error.code === undefined ? {} : { details: { error_code: error.code } };
  return { type: 'error', error: { type, message, ...details }, request_id: error.requestId };
}
