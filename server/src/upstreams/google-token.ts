import type * as GoogleAuthLibrary from 'google-auth-library';
import type { AuthClient, AwsClientOptions, IdentityPoolClientOptions } from 'google-auth-library';
import { RelayError } from '../domain/errors.ts';
import type { ReadWhole } from '../platform/exchange-whole.ts';
import {
  textOf,
  tokenRefusal,
  tokenServiceBroken,
  unusableCredential,
  type CredentialFields,
} from './cloud-credential.ts';
import type { AccessToken } from './token-cache.ts';

/**
 * Access tokens of Google's cloud by Google's own library. Every exchange of it goes through the relay's client, thus
 * through the address rules and the account's proxy: the library is given a transport of ours.
 */
const service = "Google's token service";
const scope = 'https://www.googleapis.com/auth/cloud-platform';
/** The library asks here whatever the key file says. */
const libraryTokenUri = 'https://oauth2.googleapis.com/token';
const connectTimeoutMs = 10_000;
const limits = { totalTimeoutMs: 20_000, maxBytes: 1024 * 1024 };
/** What the library is told to take for a token's life where the answer names none. */
const shortLifeMs = 300_000;

type Library = typeof GoogleAuthLibrary;
type Prepared = GoogleAuthLibrary.gaxios.GaxiosOptionsPrepared;
type Adapter = NonNullable<GoogleAuthLibrary.gaxios.GaxiosOptions['adapter']>;

export async function fetchGoogleToken(
  credential: CredentialFields,
  ports: { readonly now: () => number; readonly readWhole: ReadWhole },
): Promise<AccessToken> {
  // Loaded at the first token: it is large, and most relays never need it.
  const library = await import('google-auth-library');
  try {
    const client = clientOf(library, credential, relayed(credential, ports.readWhole));
    const { token } = await client.getAccessToken();
    if (typeof token !== 'string' || token === '') throw tokenRefusal(service, 200);
    return { value: token, expiresAt: client.credentials.expiry_date ?? ports.now() + shortLifeMs };
  } catch (error) {
    throw failureOf(error);
  }
}

/** A new client for each token: the cache is ours. */
function clientOf(library: Library, credential: CredentialFields, adapter: Adapter): AuthClient {
  const transporterOptions = { adapter, retryConfig: { retry: 0 } };
  const type = textOf(credential, 'type');
  if (type === 'service_account') {
    const [email, key] = [textOf(credential, 'client_email'), textOf(credential, 'private_key')];
    if (email === undefined || key === undefined) {
      throw unusableCredential('The service account key lacks "client_email" or "private_key".');
    }
    return new library.JWT({ email, key, scopes: [scope], transporterOptions });
  }
  if (type === 'external_account') return externalClient(library, credential, transporterOptions);
  throw unusableCredential(
    'The credential is neither a service account key nor a workload identity configuration (external_account).',
  );
}

type TransporterOptions = NonNullable<ConstructorParameters<Library['JWT']>[0]>['transporterOptions'];

function externalClient(
  library: Library,
  credential: CredentialFields,
  transporterOptions: TransporterOptions,
): AuthClient {
  const source = (credential['credential_source'] ?? {}) as CredentialFields;
  if (source['executable'] !== undefined || source['certificate'] !== undefined) {
    throw unusableCredential(
      'Workload identity by an executable or a client certificate is not supported; use a file, an address or AWS.',
    );
  }
  const options = { ...credential, scopes: [scope], transporterOptions } as unknown;
  const client =
    source['environment_id'] === undefined
      ? new library.IdentityPoolClient(options as IdentityPoolClientOptions)
      : new library.AwsClient(options as AwsClientOptions);
  // The library gives its token exchange a transport of its own, past the one that it was given.
  Reflect.set(Reflect.get(client, 'stsCredential') as object, 'transporter', client.transporter);
  return client;
}

/** The library's requests over the relay's client. */
function relayed(credential: CredentialFields, readWhole: ReadWhole): Adapter {
  const ownTokenUri = textOf(credential, 'token_uri') ?? libraryTokenUri;
  return async <Data>(options: Prepared): Promise<GoogleAuthLibrary.gaxios.GaxiosResponse<Data>> => {
    const asked = String(options.url);
    const url = new URL(asked === libraryTokenUri ? ownTokenUri : asked);
    const answer = await readWhole(
      {
        method: options.method === 'POST' ? 'POST' : 'GET',
        origin: url.origin,
        path: url.pathname + url.search,
        headers: [...options.headers].flat(),
        body:
          options.body === undefined || options.body === null ? [] : [Buffer.from(bodyText(options.body))],
        connectTimeoutMs,
      },
      limits,
    );
    if (answer.type === 'broken') {
      throw tokenServiceBroken(service, answer.error.systemCode ?? answer.error.fault);
    }
    const { status } = answer.head;
    const response = { config: options, status, statusText: '', data: parsed(answer.body) };
    return response as unknown as GoogleAuthLibrary.gaxios.GaxiosResponse<Data>;
  };
}

function parsed(body: Buffer): unknown {
  const text = body.toString();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function bodyText(body: NonNullable<RequestInit['body']>): string {
  if (typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new TypeError("The library's request has a body of another kind.");
}

/** Statuses and causes only: the library's sentences may quote what it was given. */
function failureOf(error: unknown): RelayError {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof RelayError) return cause;
    const response: unknown = Reflect.get(cause, 'response');
    const status: unknown =
      typeof response === 'object' && response !== null ? Reflect.get(response, 'status') : undefined;
    if (typeof status === 'number') return tokenRefusal(service, status);
  }
  return unusableCredential(
    'The credential could not be used: its key or its source of tokens is not readable.',
  );
}
