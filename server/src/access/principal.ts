import type { EpochMs } from '../domain/time.ts';
import type { OrganizationId, RelayKeyId } from '../domain/ids.ts';

/** Ceilings of one relay key; an absent field is no limit. */
export interface KeyLimits {
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  readonly concurrency?: number;
}

/** Everything the data plane may know of the caller. */
export interface Principal {
  readonly keyId: RelayKeyId;
  readonly organizationId: OrganizationId;
  readonly keyName: string;
  /** Offered models the key may use; `undefined` is all. A trailing `*` matches any ending. */
  readonly allowedModels?: readonly string[];
  readonly limits: KeyLimits;
  /** Every weakening in translation becomes a 400. */
  readonly isStrict: boolean;
}

/** A relay key as stored: never the key itself, only its keyed hash. */
export interface RelayKeyRecord extends Principal {
  /** HMAC-SHA256 of the whole key, hex. */
  readonly hash: string;
  /** First characters after the prefix, for people to tell keys apart. */
  readonly preview: string;
  readonly createdAt: EpochMs;
  readonly expiresAt?: EpochMs;
  readonly disabledAt?: EpochMs;
  /** CIDR ranges or addresses; `undefined` is any. */
  readonly allowedAddresses?: readonly string[];
}
