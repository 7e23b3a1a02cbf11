import { readFile } from 'node:fs/promises';
import type { RelayError } from '../domain/errors.ts';
import type { WholeAnswer } from '../platform/exchange-whole.ts';
import type { UpstreamRequest } from '../platform/upstream-client.ts';
import {
  textOf,
  tokenRefusal,
  tokenServiceBroken,
  unusableCredential,
  type CredentialFields,
} from './cloud-credential.ts';
import type { AccessToken } from './token-cache.ts';
import type { AuthorizerPorts } from './upstream-kind.ts';

/**
 * Access tokens of Microsoft Entra: the client-credentials grant of OAuth 2.0 (an application's secret, or the token of its
 * workload in a file) and the identity of an Azure machine. Two requests; Microsoft's library would bring dozens of packages
 * and sockets of its own, past the address rules and the account's proxy.
 */
const service = 'Microsoft Entra';
const publicAuthority = 'https://login.microsoftonline.com';
const machineEndpoint = 'http://169.254.169.254/metadata/identity/oauth2/token';
const machineVersion = '2018-02-01';
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const connectTimeoutMs = 10_000;
const limits = { totalTimeoutMs: 20_000, maxBytes: 256 * 1024 };

/** `resource` is whom the token is for, e.g. `https://cognitiveservices.azure.com`. */
export async function fetchEntraToken(
  credential: CredentialFields,
  resource: string,
  ports: AuthorizerPorts,
): Promise<AccessToken> {
  const isMachine =
    credential['managed_identity'] !== undefined || credential['managedIdentity'] !== undefined;
  const answer = isMachine
    ? await askMachine(credential, resource, ports)
    : await ports.readWhole(await grantRequest(credential, resource), limits);
  if (answer.type === 'broken') {
    throw tokenServiceBroken(service, answer.error.systemCode ?? answer.error.fault);
  }
  return tokenIn(answer, ports.now());
}

/** The names are those of Azure's own tools: `az ad sp create-for-rbac`, SDK settings, environment of a workload. */
async function grantRequest(credential: CredentialFields, resource: string): Promise<UpstreamRequest> {
  const tenant = textOf(credential, 'tenant_id', 'tenantId', 'tenant');
  const clientId = textOf(credential, 'client_id', 'clientId', 'appId');
  if (tenant === undefined || clientId === undefined) {
    throw unusableCredential(
      'The credential must be an API key, or JSON with "tenant_id", "client_id" and "client_secret" (or ' +
        '"federated_token_file"), or with "managed_identity".',
    );
  }
  const authority = new URL(textOf(credential, 'authority', 'authorityHost') ?? publicAuthority);
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    scope: `${resource}/.default`,
    ...(await proofOf(credential)),
  });
  return {
    method: 'POST',
    origin: authority.origin,
    path: `${authority.pathname.replace(/\/$/, '')}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`,
    headers: ['content-type', 'application/x-www-form-urlencoded', 'accept', 'application/json'],
    body: [Buffer.from(form.toString())],
    connectTimeoutMs,
  };
}

async function proofOf(credential: CredentialFields): Promise<Record<string, string>> {
  const secret = textOf(credential, 'client_secret', 'clientSecret', 'password');
  if (secret !== undefined) return { client_secret: secret };
  const file = textOf(credential, 'federated_token_file', 'federatedTokenFile');
  if (file === undefined)
    throw unusableCredential('The credential has neither a client secret nor a token file.');
  try {
    // Read each time: the platform writes a new token there every hour.
    const assertion = (await readFile(file, 'utf8')).trim();
    return { client_assertion_type: assertionType, client_assertion: assertion };
  } catch {
    throw unusableCredential('The file with the federated token cannot be read.');
  }
}

/** `managed_identity` is true, or the client id of one of several identities of the machine. */
function askMachine(
  credential: CredentialFields,
  resource: string,
  ports: AuthorizerPorts,
): ReturnType<AuthorizerPorts['readWhole']> {
  const given = textOf(credential, 'identity_endpoint', 'identityEndpoint');
  const url = new URL(given ?? machineEndpoint);
  url.searchParams.set('api-version', machineVersion);
  url.searchParams.set('resource', resource);
  const clientId = textOf(credential, 'managed_identity', 'managedIdentity');
  if (clientId !== undefined) url.searchParams.set('client_id', clientId);
  const request: UpstreamRequest = {
    method: 'GET',
    origin: url.origin,
    path: url.pathname + url.search,
    headers: ['metadata', 'true', 'accept', 'application/json'],
    body: [],
    connectTimeoutMs,
  };
  return given === undefined ? ports.readMachineIdentity(request, limits) : ports.readWhole(request, limits);
}

function tokenIn({ head, body }: WholeAnswer, now: number): AccessToken {
  if (head.status !== 200) throw tokenRefusal(service, head.status);
  const answer = parsed(body, head.status);
  const value = textOf(answer, 'access_token');
  // Entra gives numbers, machines give text.
  const lifeS = Number(answer['expires_in']);
  if (value === undefined || !(lifeS > 0)) throw tokenRefusal(service, head.status);
  return { value, expiresAt: now + lifeS * 1000 };
}

function parsed(body: Buffer, status: number): CredentialFields {
  try {
    return JSON.parse(body.toString()) as CredentialFields;
  } catch (error) {
    const failure: RelayError = tokenRefusal(service, status, error);
    throw failure;
  }
}
