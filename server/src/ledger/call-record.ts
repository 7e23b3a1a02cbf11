import type { NanoUsd } from '../domain/money.ts';
import type { CallId, OrganizationId, RelayKeyId, UpstreamAccountId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Usage } from '../domain/usage.ts';

/** How a call ended; each is a row of the settlement policy. */
export const callOutcomes = [
  'success',
  'refused',
  'failed',
  'upstream-fault',
  'abandoned',
  'disconnected',
  'hold-exhausted',
  'relay-died',
] as const;
export type CallOutcome = (typeof callOutcomes)[number];

/** One try of one candidate, as kept with the call. */
export interface AttemptRecord {
  readonly accountId: UpstreamAccountId;
  readonly upstreamModel: string;
  readonly startedAt: EpochMs;
  readonly durationMs: number;
  /** `delivered`, or the error code of the failure. */
  readonly result: string;
  readonly upstreamStatus?: number;
  readonly upstreamRequestId?: string;
  /** Present where the upstream reported any. */
  readonly usage?: Usage;
  readonly cost: NanoUsd;
}

/** One finished call without a trace of its content. */
export interface CallRecord {
  readonly callId: CallId;
  readonly organizationId: OrganizationId;
  readonly keyId: RelayKeyId;
  readonly startedAt: EpochMs;
  readonly durationMs: number;
  readonly firstByteMs?: number;
  readonly protocol: string;
  readonly operation: string;
  readonly offeredModel: string;
  readonly servedModel?: string;
  readonly isStream: boolean;
  readonly outcome: CallOutcome;
  readonly status: number;
  readonly errorCode?: string;
  readonly attempts: readonly AttemptRecord[];
  readonly usage: Usage;
  readonly usageSource: 'reported' | 'estimated' | 'none';
  /** `zero-usage`, `shrinking`, `abandoned`, translation loss codes, ... */
  readonly flags: readonly string[];
  readonly priceVersionId?: string;
  readonly charge: NanoUsd;
  readonly cost: NanoUsd;
}
