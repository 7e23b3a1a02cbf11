/**
 * Google's token services: the OAuth endpoint that takes a service account's signed assertion, the token exchange for
 * workloads from elsewhere, and impersonation of a service account. Must not know what a token is used for.
 * Begin at `grants`; signatures are checked in `check-assertion.ts`.
 */
import type { Exchange, SimulatedWire } from '../../engine/exchange.ts';
import { audiences } from '../../identity/index.ts';
import { identityProvider } from '../../providers/identity.ts';
import { isObject, textOr } from '../shape.ts';
import { checkAssertion } from './check-assertion.ts';

const TOKEN = '/token';
const EXCHANGE = '/v1/token';
const IMPERSONATION = /^\/v1\/projects\/-\/serviceAccounts\/([^/:]+):generateAccessToken$/;

/** Thrown by a grant; answered as RFC 6749 says. */
class GrantRefusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export const googleIdentityWire: SimulatedWire = {
  id: 'google-identity',
  provider: identityProvider,
  matches: (method, path) =>
    method === 'POST' && (path === TOKEN || path === EXCHANGE || IMPERSONATION.test(path)),
  async handle(exchange) {
    try {
      if (exchange.path === TOKEN) await grantToServiceAccount(exchange);
      else if (exchange.path === EXCHANGE) await exchangeToken(exchange);
      else await impersonate(exchange);
    } catch (error) {
      if (!(error instanceof GrantRefusal)) throw error;
      const body = { error: error.code, error_description: error.message };
      await exchange.refuse({ status: 400, headers: {}, body });
    }
  },
};

function grantToServiceAccount(exchange: Exchange): Promise<void> {
  const form = new URLSearchParams(exchange.bodyText);
  if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer') {
    throw new GrantRefusal('unsupported_grant_type', `Invalid grant_type: ${form.get('grant_type') ?? ''}`);
  }
  const { identity } = exchange;
  const fault = checkAssertion(form.get('assertion') ?? '', identity, exchange.nowMs());
  if (fault !== undefined) throw new GrantRefusal('invalid_grant', fault);
  const issued = identity.tokens.issue({
    prefix: 'ya29.c.',
    label: identity.serviceAccountEmail,
    audience: audiences.google,
  });
  return exchange.sendJson(200, {
    access_token: issued.token,
    expires_in: identity.tokens.lifetimeS,
    token_type: 'Bearer',
  });
}

/** RFC 8693, as Google's security token service takes it. */
function exchangeToken(exchange: Exchange): Promise<void> {
  const form = new URLSearchParams(exchange.bodyText);
  const { identity } = exchange;
  if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:token-exchange') {
    throw new GrantRefusal('unsupported_grant_type', 'The grant type is not supported.');
  }
  if (!(form.get('audience') ?? '').startsWith('//iam.googleapis.com/')) {
    throw new GrantRefusal('invalid_target', 'The target service indicated by the "audience" is invalid.');
  }
  if (form.get('subject_token') !== identity.subjectToken) {
    throw new GrantRefusal('invalid_grant', 'The subject token could not be verified.');
  }
  const issued = identity.tokens.issue({
    prefix: 'ya29.d.',
    label: 'workload',
    audience: audiences.googleSts,
  });
  return exchange.sendJson(200, {
    access_token: issued.token,
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    token_type: 'Bearer',
    expires_in: identity.tokens.lifetimeS,
  });
}

function impersonate(exchange: Exchange): Promise<void> {
  const { identity } = exchange;
  const token = /^Bearer (\S+)$/.exec(exchange.headers['authorization'] ?? '')?.[1] ?? '';
  const email = decodeURIComponent(IMPERSONATION.exec(exchange.path)?.[1] ?? '');
  const isGood = identity.tokens.judge(token, [audiences.googleSts]) === 'good';
  if (!isGood || email !== identity.serviceAccountEmail) {
    const code = isGood ? 403 : 401;
    const status = isGood ? 'PERMISSION_DENIED' : 'UNAUTHENTICATED';
    const message = isGood
      ? "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."
      : 'Request had invalid authentication credentials.';
    return exchange.refuse({ status: code, headers: {}, body: { error: { code, message, status } } });
  }
  const asked = JSON.parse(exchange.bodyText === '' ? '{}' : exchange.bodyText) as unknown;
  const lifetime = /^(\d+)s$/.exec(
    isObject(asked as never) ? textOr((asked as { lifetime?: string }).lifetime) : '',
  );
  if (lifetime !== null && Number(lifetime[1]) > 3600) {
    throw new GrantRefusal('invalid_request', 'The lifetime is above the most that is allowed.');
  }
  const issued = identity.tokens.issue({ prefix: 'ya29.i.', label: email, audience: audiences.google });
  return exchange.sendJson(200, {
    accessToken: issued.token,
    expireTime: new Date(issued.expiresAtMs).toISOString(),
  });
}
