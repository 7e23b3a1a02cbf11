import { RelayError } from '../domain/errors.ts';

export type CredentialFields = Readonly<Record<string, unknown>>;

/** Clouds give credentials as JSON files; anything else is a plain key and gives `undefined`. */
export function credentialFields(credential: string): CredentialFields | undefined {
  if (!credential.startsWith('{')) return undefined;
  try {
    return JSON.parse(credential) as CredentialFields;
  } catch {
    return {};
  }
}

/** The first of the fields that holds text. */
export function textOf(fields: CredentialFields, ...names: readonly string[]): string | undefined {
  const values = names.map((name) => fields[name]);
  return values.find((value): value is string => typeof value === 'string' && value !== '');
}

/** The account cannot be used until its operator mends it. The sentence must not repeat any of the credential. */
export function unusableCredential(sentence: string): RelayError {
  return new RelayError('upstream_auth', { message: sentence });
}

/** What an answer of a token service means to the call that waits for it. */
export function tokenRefusal(service: string, status: number, cause?: unknown): RelayError {
  const isCredential = status >= 400 && status < 500 && status !== 408 && status !== 429;
  return new RelayError(
    isCredential ? 'upstream_auth' : 'upstream_failed',
    { message: `${service} gave no token (HTTP ${status}).`, upstreamStatus: status },
    cause,
  );
}

export function tokenServiceBroken(service: string, fault: string): RelayError {
  return new RelayError('upstream_connection', { message: `${service} could not be reached (${fault}).` });
}
