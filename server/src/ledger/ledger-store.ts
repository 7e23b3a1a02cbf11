import type { NanoUsd } from '../domain/money.ts';
import type { CallId, OrganizationId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import type { PriceVersion } from '../domain/catalogue.ts';
import type { CallRecord } from './call-record.ts';

export interface WalletRecord {
  readonly organizationId: OrganizationId;
  /** Sum of the wallet's entries. */
  readonly balance: NanoUsd;
  readonly creditLine: NanoUsd;
  /** `unmetered`: charges are recorded and never refused. */
  readonly mode: 'prepaid' | 'unmetered';
}

export interface UsageQuery {
  readonly organizationId: OrganizationId;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly groupBy: 'model' | 'key' | 'day' | 'none';
}

/** Sums over calls; charges are exact. */
export interface UsageRow {
  readonly group: string;
  readonly calls: number;
  readonly promptTokens: number;
  readonly cacheReadTokens: number;
  readonly outputTokens: number;
  readonly charge: NanoUsd;
}

/** Port: the append-only, double-entry book. */
export interface LedgerStore {
  loadWallets(): Promise<readonly WalletRecord[]>;
  /** In the order in which they were recorded: of two versions with the same start the later one holds. */
  loadPrices(): Promise<readonly PriceVersion[]>;
  /**
   * Appends versions that are not there yet (by id) and returns how many were. Nothing is overwritten. Catalogue versions
   * of a model the operator priced are left out; a correction of a known model counts from `at` on, never for the past.
   */
  appendPrices(
    versions: readonly PriceVersion[],
    source: 'catalogue' | 'operator',
    at: EpochMs,
  ): Promise<number>;
  /**
   * Writes the call row and its balanced entries in one transaction of the next group commit. Resolves when durable.
   * Idempotent by call id. The hot path calls it once per call.
   */
  settle(record: CallRecord): Promise<void>;
  /** Marks a long-running call as open, so that a crash leaves a trace. Not awaited by the call. */
  markOpen(callId: CallId, organizationId: OrganizationId, startedAt: EpochMs): void;
  /** Closes marks a dead process left, as `relay-died` calls at no charge. Returns how many. */
  releaseDead(): Promise<number>;
  /** Credits a wallet. Idempotent by `reference`. */
  topUp(organizationId: OrganizationId, amount: NanoUsd, reference: string, at: EpochMs): Promise<void>;
  findCall(organizationId: OrganizationId, callId: CallId): Promise<CallRecord | undefined>;
  usage(query: UsageQuery): Promise<readonly UsageRow[]>;
  recentCalls(organizationId: OrganizationId, limit: number): Promise<readonly CallRecord[]>;
  /** Re-derives every balance and checks that all transactions sum to zero. Returns the differences, named. */
  audit(): Promise<readonly string[]>;
}
