import { noUsage, type Usage } from '../domain/usage.ts';
import type { Delivery } from './deliver.ts';

/** What was used, for the ledger: `none` when no upstream delivered anything. */
export interface Measured {
  readonly usage: Usage;
  readonly source: 'reported' | 'estimated' | 'none';
  readonly anomalies: readonly string[];
}

/** Stage 9: the usage of a delivered answer, as its protocol's meter read it. */
export function measure(delivery: Delivery): Measured {
  return delivery.reading ?? { usage: noUsage, source: 'none', anomalies: [] };
}
