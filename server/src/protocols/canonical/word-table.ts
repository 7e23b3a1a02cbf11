/**
 * A table whose keys are words of a wire. It has no prototype: `constructor` and `toString`, which every object inherits,
 * are words that a server or client may send too.
 */
export function wordTable<Meaning>(
  entries: Readonly<Record<string, Meaning>>,
): Readonly<Record<string, Meaning>> {
  return Object.assign(Object.create(null) as Record<string, Meaning>, entries);
}
