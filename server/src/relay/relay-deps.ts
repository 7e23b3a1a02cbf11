import type { KeyIndex } from '../access/key-index.ts';
import type { Limiter } from '../access/limiter.ts';
import type { PriceVersion, ModelFacts } from '../domain/catalogue.ts';
import type { EpochMs, Now } from '../domain/time.ts';
import type { OutputLearner } from '../ledger/output-learner.ts';
import type { Settler } from '../ledger/settle.ts';
import type { Wallets } from '../ledger/wallets.ts';
import type { Observe } from '../observe/observation.ts';
import type { Ticker } from '../platform/ticker.ts';
import type { EnvelopeBox } from '../platform/envelope-box.ts';
import type { UpstreamClient } from '../platform/upstream-client.ts';
import type { ProtocolId } from '../protocols/canonical/request.ts';
import type { UpstreamProtocol } from '../protocols/wire-protocol.ts';
import type { AccountHealth } from '../routing/health.ts';
import type { RoutingTable } from '../routing/routing-table.ts';
import type { Connection } from './connection.ts';
import type { Stopping } from './follow-background.ts';
import type { LongCalls } from './long-calls.ts';
import type { Timeouts } from './timeouts.ts';

/** Everything the stages need that outlives a call. Built once in `app.ts`. */
export interface RelayDeps {
  readonly now: Now;
  readonly ticker: Ticker;
  readonly client: UpstreamClient;
  readonly protocols: Readonly<Record<ProtocolId, UpstreamProtocol>>;
  readonly keys: KeyIndex;
  readonly limiter: Limiter;
  readonly health: AccountHealth;
  readonly wallets: Wallets;
  readonly learner: OutputLearner;
  readonly settler: Settler;
  readonly observe: Observe;
  readonly timeouts: Timeouts;
  readonly maxAttempts: number;
  readonly maxAnswerBytes: number;
  readonly waitLimitMs: number;
  readonly onDisconnect: 'cancel' | 'drain';
  /** The configuration in force now; a call keeps the one it began with. */
  readonly table: () => RoutingTable<Connection>;
  readonly priceOf: (model: string, at: EpochMs) => PriceVersion | undefined;
  readonly factsOf: (model: string) => ModelFacts | undefined;
  readonly longCalls: LongCalls;
  /** Leaves when the relay stops waiting for answers that go on after their calls. */
  readonly stopping: Stopping;
  /** Closes what callers carry for us between calls. */
  readonly envelopes: EnvelopeBox;
}
