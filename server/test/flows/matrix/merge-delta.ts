export type Fields = Readonly<Record<string, unknown>>;

/** Puts the pieces of a streamed message together as applications do: texts grow, lists go by index, the rest is kept. */
export function mergeDelta(message: Fields, delta: Fields): Fields {
  const merged: Record<string, unknown> = { ...message };
  for (const [name, value] of Object.entries(delta)) {
    if (value === null || value === undefined) continue;
    merged[name] = mergeValue(merged[name], value, name);
  }
  return merged;
}

/** Said once, repeated at will. */
const constant = new Set(['role', 'id', 'type', 'name']);

function mergeValue(before: unknown, value: unknown, name: string): unknown {
  if (typeof before === 'string' && typeof value === 'string') {
    return constant.has(name) ? before || value : before + value;
  }
  if (Array.isArray(value)) return mergeList((before ?? []) as readonly Fields[], value as Fields[]);
  if (isFields(before) && isFields(value)) return mergeDelta(before, value);
  return value;
}

function mergeList(before: readonly Fields[], pieces: readonly Fields[]): readonly Fields[] {
  const merged = [...before];
  for (const piece of pieces) {
    const { index, ...rest } = piece;
    const at = typeof index === 'number' ? index : merged.length;
    merged[at] = mergeDelta(merged[at] ?? {}, rest);
  }
  return merged;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
