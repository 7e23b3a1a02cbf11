import { asList, asShape, asText, type Shape } from './json-shape.ts';

/**
 * When an upstream says it may be asked again: the latest of all it names. Times of day are measured from its own
 * `date` header, since there is no clock here.
 */
export function retryAfterMs(headers: readonly string[], errors: readonly Shape[]): number | undefined {
  const fields = new Map<string, string>();
  for (let at = 0; at + 1 < headers.length; at += 2) fields.set(headers[at] ?? '', headers[at + 1] ?? '');
  const waits = [...headerWaits(fields), ...errors.flatMap(retryInfoWaits)];
  const known = waits.filter((wait): wait is number => wait !== undefined && wait >= 0);
  return known.length === 0 ? undefined : Math.ceil(Math.max(...known));
}

function headerWaits(fields: ReadonlyMap<string, string>): (number | undefined)[] {
  const now = Date.parse(fields.get('date') ?? '');
  const waits: (number | undefined)[] = [
    plainNumber(fields.get('retry-after-ms')),
    plainNumber(fields.get('retry-after'), 1000) ?? untilTime(fields.get('retry-after'), now),
  ];
  for (const [name, value] of fields) {
    const family = /^(x-ratelimit|anthropic-ratelimit)-(?:(.+)-)?reset(?:-(.+))?$/.exec(name);
    if (family === null) continue;
    const [, prefix, before, after] = family;
    const remaining =
      before === undefined
        ? fields.get(`${prefix}-remaining${after === undefined ? '' : `-${after}`}`)
        : fields.get(`${prefix}-${before}-remaining`);
    // A window that is not used up is not what this waits for.
    if (remaining === '0') waits.push(goDuration(value) ?? untilTime(value, now));
  }
  return waits;
}

function plainNumber(text: string | undefined, scale = 1): number | undefined {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) * scale : undefined;
}

/** RFC 3339, HTTP date, or milliseconds since 1970. */
function untilTime(text: string | undefined, now: number): number | undefined {
  if (text === undefined || Number.isNaN(now)) return undefined;
  const time = /^\d{13}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `1s`, `6m0s`, `8.64s`, `120ms`; a bare number below 10 digits is seconds. */
function goDuration(text: string): number | undefined {
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (unitMs[unit ?? ''] ?? 0);
  }
  return total;
}

/** `google.rpc.RetryInfo` among the details of an error. */
function retryInfoWaits(error: Shape): (number | undefined)[] {
  return asList(error['details']).map((detail) => {
    const delay = asText(asShape(detail)?.['retryDelay']);
    return delay === undefined ? undefined : goDuration(delay);
  });
}
