/** Reads `{ data: [{ id }] }`-like model lists of any provider without trusting their shape. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

export function namesOf(list: unknown, name: string): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list
    .map((item) => field(item, name))
    .filter((id) => typeof id === 'string' && id !== '') as string[];
}
