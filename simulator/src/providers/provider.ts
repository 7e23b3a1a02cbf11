/**
 * Providers: what all wires of one company share. Where the key is read from, what a refusal looks like, which limit
 * headers are sent. Knows no request shape and no engine. Begin with `Provider` below.
 */
import type { Json, WireRefusal } from '../engine/simulated-call.ts';
import type { TokenVerdict } from '../identity/index.ts';

export interface Credentials {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly query: URLSearchParams;
}

/** One thing gone wrong; only the status is always known. */
export interface ProviderError {
  readonly status: number;
  readonly requestId: string;
  readonly type?: string | undefined;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly retryAfterS?: number | undefined;
}

export type LimitDimension = 'requests' | 'tokens' | 'input-tokens' | 'output-tokens';

export interface LimitState {
  readonly dimension: LimitDimension;
  readonly limit: number;
  readonly remaining: number;
  /** When the allowance is whole again. */
  readonly resetAtMs: number;
}

export interface Provider {
  readonly id: string;
  /** Fields that hold usage, at any depth, in bodies and frames. */
  readonly usageFields: readonly string[];
  findKey(credentials: Credentials): string | undefined;
  isWellFormedKey(key: string): boolean;
  /** Audiences of the tokens that are taken beside keys; absent where keys alone are. */
  readonly tokenAudiences?: readonly string[];
  /** `verdict` is that on a token, where tokens are taken. */
  keyRefusal(key: string | undefined, requestId: string, verdict?: TokenVerdict): WireRefusal;
  /** The error body; `type` defaults to what belongs to the status. */
  errorBody(error: ProviderError): Json;
  /** Retry and limit headers that come with this error, none for most. */
  errorHeaders(error: ProviderError): Readonly<Record<string, string>>;
  /** An error as a complete frame inside an open stream. */
  streamError(error: ProviderError): string;
  commonHeaders(requestId: string): Readonly<Record<string, string>>;
  limitHeaders(limits: readonly LimitState[], nowMs: number): Readonly<Record<string, string>>;
}

/** A refusal by status alone, in the provider's shape. */
export function refusalOf(provider: Provider, error: ProviderError): WireRefusal {
  return { status: error.status, headers: provider.errorHeaders(error), body: provider.errorBody(error) };
}

export function bearerToken(headers: Credentials['headers']): string | undefined {
  const match = /^Bearer\s+(\S+)$/i.exec(headers['authorization'] ?? '');
  return match?.[1];
}
