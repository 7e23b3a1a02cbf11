/** The longest key that can be watched for. */
export const maxWatchedKeyBytes = 64;

/** Watched keys by their size, so that most keys are passed over by their length alone and no string is made of them. */
export type WatchTable = readonly (readonly WatchedKey[] | undefined)[];

interface WatchedKey {
  readonly key: string;
  readonly bytes: Buffer;
}

const watchTables = new WeakMap<ReadonlySet<string>, WatchTable>();

export function watchTable(watch: ReadonlySet<string>): WatchTable {
  const known = watchTables.get(watch);
  if (known !== undefined) return known;
  const table: (WatchedKey[] | undefined)[] = Array.from({ length: maxWatchedKeyBytes });
  for (const key of watch) (table[key.length] ??= []).push({ key, bytes: Buffer.from(key) });
  watchTables.set(watch, table);
  return table;
}
