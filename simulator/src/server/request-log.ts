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
  return {
    entries,
    add(entry) {
      entries.push(entry);
      if (entries.length > MAX_ENTRIES) entries.shift();
    },
    clear: () => void entries.splice(0),
  };
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
