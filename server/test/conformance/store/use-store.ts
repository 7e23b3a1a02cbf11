/**
 * Parts of the store suite, one file for each thing a store keeps. `../store-suite.ts` runs them all against an
 * implementation; nothing here knows which one. Begin there.
 */
import type { Store } from '../../../src/store/open-store.ts';

/** Opens a store of its own for one test, with one organization that has a wallet. */
export type UseStore = (work: (store: Store) => Promise<void>) => Promise<void>;
