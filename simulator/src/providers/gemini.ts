import type { Json } from '../engine/simulated-call.ts';
import { bearerToken } from './provider.ts';
import type { Provider, ProviderError } from './provider.ts';

const STATUS_NAME: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

const MESSAGE_OF_STATUS: Readonly<Record<number, string>> = {
  403: "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
  404: 'Requested entity was not found.',
  429: 'You exceeded your current quota, please check your plan and billing details.',
  500: 'An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting',
  503: 'The model is overloaded. Please try again later.',
  504: 'The request timed out. Please try again.',
};

const ERROR_DOMAIN = 'googleapis.com';

export const gemini: Provider = {
  id: 'gemini',
  usageFields: ['usageMetadata'],
  findKey: ({ headers, query }) => headers['x-goog-api-key'] ?? query.get('key') ?? bearerToken(headers),
  isWellFormedKey: (key) => /^(AIza|AQ\.|ya29\.)[\w.-]{4,}$/.test(key),
  keyRefusal(key, requestId) {
    if (key === undefined) return { status: 403, headers: {}, body: errorBody({ status: 403, requestId }) };
    const info = {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'API_KEY_INVALID',
      domain: ERROR_DOMAIN,
    };
    const message = 'API key not valid. Please pass a valid API key.';
    const body = { error: { code: 400, message, status: 'INVALID_ARGUMENT', details: [info] } };
    return { status: 400, headers: {}, body };
  },
  errorBody,
  errorHeaders: () => ({}),
  streamError: (error) => `data: ${JSON.stringify(errorBody(error))}\n\n`,
  commonHeaders: () => ({ 'x-gemini-service-tier': 'standard', vary: 'Origin, X-Origin, Referer' }),
  limitHeaders: () => ({}),
};

function errorBody(error: ProviderError): Json {
  const status =
    error.type ?? STATUS_NAME[error.status] ?? (error.status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL');
  const message = error.message ?? MESSAGE_OF_STATUS[error.status] ?? 'Request contains an invalid argument.';
  const details = error.status === 429 ? { details: quotaDetails(error.retryAfterS ?? 1) } : {};
  return { error: { code: error.status, message, status, ...details } };
}

function quotaDetails(retryAfterS: number): Json {
  return [
    {
      '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
      violations: [
        {
          quotaMetric: 'generativelanguage.googleapis.com/generate_content_requests',
          quotaId: 'GenerateRequestsPerMinutePerProjectPerModel',
        },
      ],
    },
    { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryAfterS}s` },
  ];
}
