import { audiences } from '../identity/index.ts';
import type { TokenVerdict } from '../identity/index.ts';
import { anthropic } from './anthropic.ts';
import { gemini } from './gemini.ts';
import { bearerToken } from './provider.ts';
import type { Provider } from './provider.ts';

const REASONS: Readonly<Record<TokenVerdict, string>> = {
  good: 'CREDENTIALS_MISSING',
  expired: 'ACCESS_TOKEN_EXPIRED',
  unknown: 'ACCESS_TOKEN_TYPE_UNSUPPORTED',
  'other-audience': 'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
};

/** Google's cloud: OAuth tokens of its own token service, or an API key ("express mode"). */
export const vertex: Provider = {
  ...gemini,
  id: 'vertex',
  tokenAudiences: [audiences.google],
  findKey: ({ headers, query }) =>
    bearerToken(headers) ?? headers['x-goog-api-key'] ?? query.get('key') ?? undefined,
  isWellFormedKey: (key) => /^(AIza|AQ\.)[\w.-]{4,}$/.test(key),
  keyRefusal(key, _requestId, verdict) {
    const reason = key === undefined ? 'CREDENTIALS_MISSING' : REASONS[verdict ?? 'unknown'];
    const isScope = verdict === 'other-audience';
    const error = {
      code: isScope ? 403 : 401,
      message: isScope
        ? 'Request had insufficient authentication scopes.'
        : 'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other ' +
          'valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
      status: isScope ? 'PERMISSION_DENIED' : 'UNAUTHENTICATED',
      details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com' }],
    };
    return { status: error.code, headers: {}, body: { error } };
  },
  commonHeaders: () => ({ vary: 'Origin, X-Origin, Referer' }),
};

/** The platform's errors are Google's; what goes wrong inside a stream is told by the publisher. */
export const vertexClaude: Provider = {
  ...vertex,
  id: 'vertex-claude',
  usageFields: anthropic.usageFields,
  streamError: (error) => anthropic.streamError(error),
  commonHeaders: (requestId) => ({ 'request-id': `req_vrtx_${requestId.slice(4)}` }),
};
