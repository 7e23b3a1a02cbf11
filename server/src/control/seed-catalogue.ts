import { readCatalogue, type Catalogue } from '../domain/catalogue-json.ts';
import type { EpochMs } from '../domain/time.ts';
import type { LedgerStore } from '../ledger/ledger-store.ts';

/**
 * Brings the price book up to the catalogue file: new versions are appended, nothing is overwritten, and a model the operator
 * priced keeps the operator's price. Throws a sentence that names the file's fault.
 */
export async function seedCatalogue(
  store: Pick<LedgerStore, 'appendPrices'>,
  text: string,
  at: EpochMs,
): Promise<Catalogue> {
  const catalogue = readCatalogue(JSON.parse(text));
  await store.appendPrices(catalogue.prices, 'catalogue', at);
  return catalogue;
}
