import { addNanoUsd, zeroNanoUsd } from '../domain/money.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { LedgerStore, UsageQuery, UsageRow } from '../ledger/ledger-store.ts';

export interface UsageReport {
  readonly rows: readonly UsageRow[];
  /** The exact sum of the rows. */
  readonly total: Omit<UsageRow, 'group'>;
}

/** What an organization used and was charged in [from, to), grouped as asked. */
export async function usageReport(
  deps: { readonly store: Pick<LedgerStore, 'usage'> },
  query: UsageQuery,
): Promise<UsageReport> {
  const rows = await deps.store.usage(query);
  const sum = (name: 'calls' | 'promptTokens' | 'cacheReadTokens' | 'outputTokens'): number =>
    rows.reduce((total, row) => total + row[name], 0);
  return {
    rows,
    total: {
      calls: sum('calls'),
      promptTokens: sum('promptTokens'),
      cacheReadTokens: sum('cacheReadTokens'),
      outputTokens: sum('outputTokens'),
      charge: rows.reduce<NanoUsd>((total, row) => addNanoUsd(total, row.charge), zeroNanoUsd),
    },
  };
}
