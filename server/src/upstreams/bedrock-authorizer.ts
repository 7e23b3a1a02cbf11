import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { RelayError } from '../domain/errors.ts';
import type { UpstreamRequest } from '../platform/upstream-client.ts';
import type { Authorizer, AuthorizerPorts, ConnectionSettings } from './upstream-kind.ts';

/**
 * Two kinds of credential: an API key of Bedrock, sent as it is, or an access key of AWS with its secret
 * (`AKIA...:secret`, and `:session token` where it is temporary), which signs each request.
 */
interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const accessKeyForm = /^((?:AKIA|ASIA)[A-Z0-9]{8,124}):([^:\s]+)(?::(\S+))?$/;
const service = 'bedrock';

export function createBedrockAuthorizer(settings: ConnectionSettings, ports: AuthorizerPorts): Authorizer {
  const key = accessKeyIn(settings.credential);
  if (key === undefined) {
    const headers = ['authorization', `Bearer ${settings.credential}`];
    return { headersFor: () => headers };
  }
  const region = settings.options['region'] ?? '';
  const signer = new SignatureV4({ credentials: key, region, service, sha256: Sha256 });
  return { headersFor: (request) => signed(signer, request, new Date(ports.now())) };
}

function accessKeyIn(credential: string): AccessKey | undefined {
  const [, accessKeyId, secretAccessKey, sessionToken] = accessKeyForm.exec(credential.trim()) ?? [];
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

/** The library's own name for it comes from a package of types that is not ours to name. */
type SignableRequest = Parameters<SignatureV4['sign']>[0];

const added = ['x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256', 'authorization'];

async function signed(
  signer: SignatureV4,
  request: UpstreamRequest,
  signingDate: Date,
): Promise<readonly string[]> {
  const { host, hostname, protocol } = new URL(request.origin);
  const [path = '/', query = ''] = request.path.split('?');
  const hash = createHash('sha256');
  for (const piece of request.body) hash.update(piece);
  const type = contentType(request);
  // Only what no one on the way rewrites is signed.
  const headers = {
    host,
    'x-amz-content-sha256': hash.digest('hex'),
    ...(type === undefined ? {} : { 'content-type': type }),
  };
  const unsigned: SignableRequest = {
    method: request.method,
    protocol,
    hostname,
    path,
    query: queryOf(query),
    headers,
  };
  const result = await signer.sign(unsigned, { signingDate }).catch((cause: unknown) => {
    throw new RelayError('upstream_auth', {}, cause);
  });
  return added.flatMap((name) => {
    const value = result.headers[name];
    return value === undefined ? [] : [name, value];
  });
}

function contentType({ headers }: UpstreamRequest): string | undefined {
  const at = headers.findIndex((field, index) => index % 2 === 0 && field === 'content-type');
  return at === -1 ? undefined : headers[at + 1];
}

function queryOf(query: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(query));
}

/** What the signer hashes with: the native hash, keyed where it is given a secret. */
class Sha256 {
  readonly #secret: string | ArrayBuffer | ArrayBufferView | undefined;
  #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret;
    this.#hash = this.#begin();
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {
    this.#hash = this.#begin();
  }

  #begin(): Hash | Hmac {
    const secret = this.#secret;
    if (secret === undefined) return createHash('sha256');
    return createHmac('sha256', typeof secret === 'string' ? secret : bytesOf(secret));
  }
}

function bytesOf(secret: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(secret)
    ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
    : new Uint8Array(secret);
}
