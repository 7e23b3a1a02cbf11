import { bearerToken } from './provider.ts';
import type { LimitDimension, Provider, ProviderError } from './provider.ts';

interface Wording {
  readonly type: string;
  readonly code: string | null;
  readonly message: string;
}

const BY_STATUS: Readonly<Record<number, Wording>> = {
  401: { type: 'invalid_request_error', code: 'invalid_api_key', message: 'Incorrect API key provided.' },
  403: {
    type: 'invalid_request_error',
    code: 'unsupported_country_region_territory',
    message: 'Country, region, or territory not supported',
  },
  404: {
    type: 'invalid_request_error',
    code: 'model_not_found',
    message: 'The model does not exist or you do not have access to it.',
  },
  408: { type: 'server_error', code: null, message: 'Request timed out.' },
  409: {
    type: 'invalid_request_error',
    code: 'conflict',
    message: 'The resource was changed by another request.',
  },
  413: { type: 'invalid_request_error', code: null, message: 'Request too large.' },
  429: {
    type: 'requests',
    code: 'rate_limit_exceeded',
    message: 'Rate limit reached. Please try again later.',
  },
  500: {
    type: 'server_error',
    code: null,
    message: 'The server had an error while processing your request. Sorry about that!',
  },
  502: { type: 'server_error', code: null, message: 'Bad gateway.' },
  503: {
    type: 'server_error',
    code: 'overloaded',
    message: 'The engine is currently overloaded, please try again later',
  },
};

/** Only these two dimensions are told; token limits are combined. */
const TOLD: readonly LimitDimension[] = ['requests', 'tokens'];

export const openai: Provider = {
  id: 'openai',
  usageFields: ['usage'],
  findKey: ({ headers }) => bearerToken(headers) ?? headers['api-key'],
  isWellFormedKey: (key) => /^sk-(?!ant-)[\w-]{4,}$/.test(key),
  keyRefusal(key, requestId) {
    if (key === undefined) {
      const message =
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).";
      return {
        status: 401,
        headers: {},
        body: { error: { message, type: 'invalid_request_error', param: null, code: null } },
      };
    }
    const shown = key.length > 12 ? `${key.slice(0, 8)}${'*'.repeat(8)}${key.slice(-4)}` : '********';
    const message = `Incorrect API key provided: ${shown}. You can find your API key at https://platform.openai.com/account/api-keys.`;
    return { status: 401, headers: {}, body: errorBody({ status: 401, requestId, message }) };
  },
  errorBody,
  errorHeaders(error) {
    const headers: Record<string, string> = {};
    const isQuota = error.code === 'insufficient_quota';
    if (error.status === 429 && isQuota) headers['x-should-retry'] = 'false';
    if ((error.status === 429 && !isQuota) || error.retryAfterS !== undefined) {
      const seconds = error.retryAfterS ?? 1;
      headers['retry-after'] = String(Math.ceil(seconds));
      headers['retry-after-ms'] = String(Math.ceil(seconds * 1000));
    }
    return headers;
  },
  streamError: (error) => `data: ${JSON.stringify(errorBody(error))}\n\n`,
  commonHeaders: (requestId) => ({
    'x-request-id': requestId,
    'openai-processing-ms': '12',
    'openai-version': '2020-10-01',
    'openai-organization': 'simulated-organization',
  }),
  limitHeaders(limits, nowMs) {
    const headers: Record<string, string> = {};
    for (const state of limits.filter((state) => TOLD.includes(state.dimension))) {
      headers[`x-ratelimit-limit-${state.dimension}`] = String(state.limit);
      headers[`x-ratelimit-remaining-${state.dimension}`] = String(Math.max(0, Math.floor(state.remaining)));
      headers[`x-ratelimit-reset-${state.dimension}`] = goDuration(Math.max(0, state.resetAtMs - nowMs));
    }
    return headers;
  },
};

function errorBody(error: ProviderError) {
  const wording = BY_STATUS[error.status] ?? {
    type: error.status < 500 ? 'invalid_request_error' : 'server_error',
    code: null,
    message: error.status < 500 ? 'Invalid request.' : 'The server had an error.',
  };
  const isQuota = error.code === 'insufficient_quota';
  const type = error.type ?? (isQuota ? 'insufficient_quota' : wording.type);
  const message =
    error.message ??
    (isQuota
      ? 'You exceeded your current quota, please check your plan and billing details.'
      : wording.message);
  return { error: { message, type, param: null, code: error.code ?? wording.code } };
}

/** `6m0s`, `8.64s`, `120ms`: the way a Go duration prints. */
function goDuration(ms: number): string {
  if (ms < 1000) return `${Math.ceil(ms)}ms`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.round((ms - minutes * 60_000) / 10) / 100;
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}
