/**
 * Microsoft Entra's token endpoint for applications (secret or federated assertion), and the address inside a virtual
 * machine that gives its managed identity a token. Must not know what a token is used for.
 * Begin at `grantToApplication`.
 */
import type { Exchange, SimulatedWire } from '../../engine/exchange.ts';
import { audiences } from '../../identity/index.ts';
import { identityProvider } from '../../providers/identity.ts';

const TOKEN = /^\/([0-9a-f-]{36}|[\w.-]+\.onmicrosoft\.com)\/oauth2\/v2\.0\/token$/;
const MANAGED = '/metadata/identity/oauth2/token';
const MANAGED_VERSION = '2018-02-01';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const KNOWN: readonly string[] = [audiences.azure, audiences.foundry];

interface Refusal {
  readonly status: number;
  readonly error: string;
  readonly description: string;
}

export const entraWire: SimulatedWire = {
  id: 'entra',
  provider: identityProvider,
  matches: (method, path) =>
    (method === 'POST' && TOKEN.test(path)) || (method === 'GET' && path === MANAGED),
  handle: (exchange) => (exchange.path === MANAGED ? grantToMachine(exchange) : grantToApplication(exchange)),
};

function grantToApplication(exchange: Exchange): Promise<void> {
  const form = new URLSearchParams(exchange.bodyText);
  const { identity } = exchange;
  const audience = (form.get('scope') ?? '').replace(/\/\.default$/, '');
  const fault = faultOf(form, exchange) ?? (KNOWN.includes(audience) ? undefined : unknownScope(audience));
  if (fault !== undefined) return refuse(exchange, fault);
  const issued = identity.tokens.issue({
    prefix: 'eyJ0eXAiOiJKV1Qi.',
    label: identity.application.clientId,
    audience,
  });
  return exchange.sendJson(200, {
    token_type: 'Bearer',
    expires_in: identity.tokens.lifetimeS,
    ext_expires_in: identity.tokens.lifetimeS,
    access_token: issued.token,
  });
}

function faultOf(form: URLSearchParams, exchange: Exchange): Refusal | undefined {
  const { application, subjectToken } = exchange.identity;
  if (TOKEN.exec(exchange.path)?.[1] !== application.tenantId) {
    return { status: 400, error: 'invalid_request', description: 'AADSTS90002: Tenant not found.' };
  }
  if (form.get('grant_type') !== 'client_credentials') {
    return {
      status: 400,
      error: 'unsupported_grant_type',
      description: 'AADSTS70003: The app requested an unsupported grant type.',
    };
  }
  if (form.get('client_id') !== application.clientId) {
    return {
      status: 400,
      error: 'unauthorized_client',
      description: 'AADSTS700016: Application was not found in the directory.',
    };
  }
  const isFederated =
    form.get('client_assertion_type') === ASSERTION_TYPE && form.get('client_assertion') === subjectToken;
  if (isFederated || form.get('client_secret') === application.clientSecret) return undefined;
  return {
    status: 401,
    error: 'invalid_client',
    description: `AADSTS7000215: Invalid client secret provided for app '${application.clientId}'.`,
  };
}

function unknownScope(audience: string): Refusal {
  const description = `AADSTS500011: The resource principal named ${audience} was not found in the tenant.`;
  return { status: 400, error: 'invalid_resource', description };
}

function grantToMachine(exchange: Exchange): Promise<void> {
  const { query, headers, identity } = exchange;
  const resource = (query.get('resource') ?? '').replace(/\/$/, '');
  if (headers['metadata'] !== 'true') {
    const description = 'Required metadata header not specified';
    return refuse(exchange, { status: 400, error: 'bad_request_102', description });
  }
  if (query.get('api-version') !== MANAGED_VERSION || !KNOWN.includes(resource)) {
    return refuse(exchange, {
      status: 400,
      error: 'invalid_request',
      description: 'Invalid api-version or resource',
    });
  }
  const clientId = query.get('client_id') ?? identity.application.clientId;
  if (clientId !== identity.application.clientId) {
    return refuse(exchange, { status: 400, error: 'invalid_request', description: 'Identity not found' });
  }
  const issued = identity.tokens.issue({
    prefix: 'eyJ0eXAiOiJKV1Qi.',
    label: `machine:${clientId}`,
    audience: resource,
  });
  return exchange.sendJson(200, {
    access_token: issued.token,
    client_id: clientId,
    expires_in: String(identity.tokens.lifetimeS),
    expires_on: String(Math.floor(issued.expiresAtMs / 1000)),
    resource,
    token_type: 'Bearer',
  });
}

function refuse(exchange: Exchange, { status, error, description }: Refusal): Promise<void> {
  return exchange.refuse({ status, headers: {}, body: { error, error_description: description } });
}
