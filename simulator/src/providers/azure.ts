import type { Json } from '../engine/simulated-call.ts';
import { audiences } from '../identity/index.ts';
import { anthropic } from './anthropic.ts';
import { bearerToken } from './provider.ts';
import type { Provider, ProviderError } from './provider.ts';

const MESSAGE_OF_STATUS: Readonly<Record<number, string>> = {
  401: 'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.',
  404: 'Resource not found',
  408: 'The operation was timeout.',
  429: 'Requests to the ChatCompletions_Create Operation under Azure OpenAI API have exceeded call rate limit of your current OpenAI S0 pricing tier. Please retry after 1 second.',
  500: 'The server had an error processing your request. Sorry about that!',
  503: 'The service is temporarily unable to process your request. Please try again later.',
};

const isResourceKey = (key: string): boolean => /^[A-Za-z0-9]{32,}$/.test(key);

export const azure: Provider = {
  id: 'azure-openai',
  usageFields: ['usage'],
  tokenAudiences: [audiences.azure, audiences.foundry],
  findKey: ({ headers }) => headers['api-key'] ?? bearerToken(headers),
  isWellFormedKey: isResourceKey,
  keyRefusal: (_key, requestId, verdict) => ({
    status: 401,
    headers: {},
    body:
      verdict === 'expired' || verdict === 'other-audience'
        ? {
            error: {
              code: 'Unauthorized',
              message:
                'Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired.',
            },
          }
        : errorBody({ status: 401, requestId }),
  }),
  errorBody,
  errorHeaders(error) {
    if (error.status !== 429 && error.retryAfterS === undefined) return {};
    const seconds = error.retryAfterS ?? 1;
    return {
      'retry-after': String(Math.ceil(seconds)),
      'retry-after-ms': String(Math.ceil(seconds * 1000)),
    };
  },
  streamError: (error) => `data: ${JSON.stringify(errorBody(error))}\n\n`,
  commonHeaders: (requestId) => ({
    'apim-request-id': requestId,
    'x-request-id': requestId,
    'x-ms-region': 'Sweden Central',
    'x-ms-deployment-name': 'simulated',
  }),
  limitHeaders(limits) {
    const headers: Record<string, string> = {};
    for (const state of limits.filter(
      ({ dimension }) => dimension === 'requests' || dimension === 'tokens',
    )) {
      headers[`x-ratelimit-limit-${state.dimension}`] = String(state.limit);
      headers[`x-ratelimit-remaining-${state.dimension}`] = String(Math.max(0, Math.floor(state.remaining)));
    }
    return headers;
  },
};

function errorBody(error: ProviderError): Json {
  const message = error.message ?? MESSAGE_OF_STATUS[error.status] ?? 'The request is not valid.';
  return { error: { code: error.code ?? String(error.status), message } };
}

/** Claude beside the OpenAI models of a resource: Anthropic's wire behind Azure's front door. */
export const foundryClaude: Provider = {
  ...anthropic,
  id: 'foundry-claude',
  tokenAudiences: [audiences.azure, audiences.foundry],
  findKey: ({ headers }) => headers['x-api-key'] ?? headers['api-key'] ?? bearerToken(headers),
  isWellFormedKey: isResourceKey,
};
