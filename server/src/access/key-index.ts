import { isWellFormedKey } from './relay-key.ts';
import type { AccessStore } from './access-store.ts';
import type { RelayKeyRecord } from './principal.ts';

/** All relay keys in memory, by hash, so that no call waits for the database. */
export interface KeyIndex {
  find(key: string): RelayKeyRecord | undefined;
  /** Reads all keys again; calls see either the old set or the new one. */
  reload(): Promise<void>;
}

interface KeyIndexDeps {
  readonly store: Pick<AccessStore, 'loadKeys'>;
  readonly hashKey: (key: string) => string;
}

export async function createKeyIndex({ store, hashKey }: KeyIndexDeps): Promise<KeyIndex> {
  let byHash: ReadonlyMap<string, RelayKeyRecord> = new Map();
  const reload = async (): Promise<void> => {
    const records = await store.loadKeys();
    byHash = new Map(records.map((record) => [record.hash, record]));
  };
  await reload();
  return {
    // Looking up a hash under a secret key leaks nothing by its timing: a caller cannot steer the hash.
    find: (key) => (isWellFormedKey(key) ? byHash.get(hashKey(key)) : undefined),
    reload,
  };
}
