import type { Json } from '../engine/simulated-call.ts';
import type { Provider, ProviderError } from './provider.ts';

/** Token endpoints: who asks is told in the body, so every caller is let through to it. */
export const identityProvider: Provider = {
  id: 'identity',
  usageFields: [],
  findKey: () => 'token-endpoint',
  isWellFormedKey: () => true,
  keyRefusal: (_key, requestId) => ({
    status: 401,
    headers: {},
    body: errorBody({ status: 401, requestId }),
  }),
  errorBody,
  errorHeaders: (error) =>
    error.retryAfterS === undefined ? {} : { 'retry-after': String(Math.ceil(error.retryAfterS)) },
  streamError: (error) => JSON.stringify(errorBody(error)),
  commonHeaders: () => ({ 'cache-control': 'no-store' }),
  limitHeaders: () => ({}),
};

/** RFC 6749, section 5.2. */
function errorBody(error: ProviderError): Json {
  const code = error.type ?? (error.status >= 500 ? 'temporarily_unavailable' : 'invalid_request');
  return { error: code, error_description: error.message ?? 'The request could not be processed.' };
}
