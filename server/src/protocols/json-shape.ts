/** Careful reading of parsed JSON: nothing here throws, whatever an upstream sent. */
export type Shape = Readonly<Record<string, unknown>>;

export function asShape(value: unknown): Shape | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Shape) : undefined;
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function parseShape(text: string): Shape | undefined {
  try {
    return asShape(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const maxTextDepth = 12;

/** UTF-8 bytes of all strings below a value, but for the fields that label rather than say something. */
export function textBytes(value: unknown, labels: ReadonlySet<string>, depth = 0): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value !== 'object' || value === null || depth > maxTextDepth) return 0;
  let bytes = 0;
  if (Array.isArray(value)) {
    for (const item of value) bytes += textBytes(item, labels, depth + 1);
    return bytes;
  }
  for (const [key, item] of Object.entries(value))
    if (!labels.has(key)) bytes += textBytes(item, labels, depth + 1);
  return bytes;
}
