/** One request as it came in and how it went on; never a credential. */
export interface RequestEntry {
  readonly id: string;
  readonly atMs: number;
  readonly method: string;
  /** Without the query, which may carry a key. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Left out above 64 KiB. */
  readonly bodyText: string;
  account?: string;
  wire?: string;
  fault?: string;
  recording?: string;
  status?: number;
  frames: number;
  outcome: 'open' | 'finished' | 'aborted' | 'cut';
  closedAtMs?: number;
}

export interface RequestLog {
  readonly entries: readonly RequestEntry[];
  add(entry: RequestEntry): void;
  clear(): void;
  /** Over all requests since the start or the last `clear`, those no longer kept included. */
  totals(): RequestTotals;
}

export interface RequestTotals {
  readonly requests: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byFault: Readonly<Record<string, number>>;
}

const MAX_ENTRIES = 1000;
const MAX_BODY_CHARACTERS = 64 * 1024;
const CREDENTIAL_HEADERS = new Set([
  'authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'cookie',
  'proxy-authorization',
]);

export function createRequestLog(): RequestLog {
  const entries: RequestEntry[] = [];
  let dropped = 0;
  const droppedByStatus = new Map<string, number>();
  const droppedByFault = new Map<string, number>();
  return {
    entries,
    add(entry) {
      entries.push(entry);
      const oldest = entries.length > MAX_ENTRIES ? entries.shift() : undefined;
      if (oldest === undefined) return;
      dropped += 1;
      count(droppedByStatus, oldest.status);
      count(droppedByFault, oldest.fault);
    },
    clear() {
      entries.length = 0;
      dropped = 0;
      droppedByStatus.clear();
      droppedByFault.clear();
    },
    totals() {
      const byStatus = new Map(droppedByStatus);
      const byFault = new Map(droppedByFault);
      for (const entry of entries) {
        count(byStatus, entry.status);
        count(byFault, entry.fault);
      }
      return {
        requests: dropped + entries.length,
        byStatus: Object.fromEntries(byStatus),
        byFault: Object.fromEntries(byFault),
      };
    },
  };
}

function count(counts: Map<string, number>, name: string | number | undefined): void {
  if (name !== undefined) counts.set(String(name), (counts.get(String(name)) ?? 0) + 1);
}

export function entryOf(request: {
  id: string;
  atMs: number;
  method: string;
  path: string;
  headers: Readonly<Record<string, string | undefined>>;
  bodyText: string;
}): RequestEntry {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && !CREDENTIAL_HEADERS.has(name)) headers[name] = value;
  }
  const bodyText = request.bodyText.length <= MAX_BODY_CHARACTERS ? request.bodyText : '';
  return { ...request, headers, bodyText, frames: 0, outcome: 'open' };
}
