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

/** Keys in use are found without hashing them again; at this many the memo starts afresh. */
const maxMemo = 10_000;

export async function createKeyIndex({ store, hashKey }: KeyIndexDeps): Promise<KeyIndex> {
  let byHash: ReadonlyMap<string, RelayKeyRecord> = new Map();
  let memo = new Map<string, RelayKeyRecord>();
  const reload = async (): Promise<void> => {
    const records = await store.loadKeys();
    byHash = new Map(records.map((record) => [record.hash, record]));
    memo = new Map();
  };
  await reload();
  return {
    // Looking up a hash under a secret key leaks nothing by its timing: a caller cannot steer the hash.
    find(key) {
      const known = memo.get(key);
      if (known !== undefined) return known;
      const found = isWellFormedKey(key) ? byHash.get(hashKey(key)) : undefined;
      if (found === undefined) return undefined;
      if (memo.size >= maxMemo) memo.clear();
      memo.set(key, found);
      return found;
    },
    reload,
  };
}
