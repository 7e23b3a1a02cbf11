import type { EpochMs } from '../domain/time.ts';
import type { UpstreamAccountId } from '../domain/ids.ts';

/** One credential at one upstream, as stored. */
export interface UpstreamAccountRecord {
  readonly id: UpstreamAccountId;
  readonly name: string;
  /** Id of an upstream kind, e.g. `anthropic`. */
  readonly kind: string;
  readonly preset?: string;
  /** Overrides the kind's default. */
  readonly baseUrl?: string;
  /** AES-256-GCM sealed credential; opened only in memory. */
  readonly sealedCredential: Uint8Array;
  /** Upstream model ids this account serves; `undefined` is every catalogue model of its provider. */
  readonly models?: readonly string[];
  /** Offered model -> upstream model, where the names differ. */
  readonly modelMap: Readonly<Record<string, string>>;
  /** Sealed egress proxy URL. */
  readonly sealedProxy?: Uint8Array;
  readonly region?: string;
  /** The kind's own settings, e.g. the region or project of a cloud. */
  readonly options: Readonly<Record<string, string>>;
  /** Lower is tried first. */
  readonly priority: number;
  /** What to do with models the price book does not know: refuse them, or serve them at no charge. */
  readonly unpriced: 'refuse' | 'free';
  readonly createdAt: EpochMs;
  readonly disabledAt?: EpochMs;
}

/** Port: where upstream accounts live. */
export interface AccountStore {
  loadAccounts(): Promise<readonly UpstreamAccountRecord[]>;
  insertAccount(record: UpstreamAccountRecord): Promise<void>;
  /** False when there is no such account. */
  removeAccount(id: UpstreamAccountId): Promise<boolean>;
}
