import type { Authorizer, AuthorizerPorts } from './upstream-kind.ts';
import { createTokenCache, type AccessToken } from './token-cache.ts';

/** `authorization: Bearer` with a token that is fetched, kept and renewed. */
export function bearerAuthorizer(
  ports: Pick<AuthorizerPorts, 'now'>,
  fetchToken: () => Promise<AccessToken>,
): Authorizer {
  const cache = createTokenCache({ now: ports.now, fetchToken });
  return {
    headersFor() {
      const token = cache.current();
      return typeof token === 'string' ? headersOf(token) : token.then(headersOf);
    },
    renew(headers) {
      cache.renew((headers[1] ?? '').slice('Bearer '.length));
    },
  };
}

function headersOf(token: string): readonly string[] {
  return ['authorization', `Bearer ${token}`];
}

/** A key in a header, the same for every request. */
export function keyAuthorizer(name: string, key: string): Authorizer {
  return { headersFor: () => [name, key] };
}
