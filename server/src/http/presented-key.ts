import type { IncomingHttpHeaders } from 'node:http';

/**
 * The relay key wherever a client of any protocol puts it: `x-api-key`, `x-goog-api-key`, `api-key`,
 * `authorization: Bearer`, then `?key=`. Never logged, never forwarded.
 */
export function presentedKey(headers: IncomingHttpHeaders, query: string): string | undefined {
  const named =
    singleHeader(headers, 'x-api-key') ??
    singleHeader(headers, 'x-goog-api-key') ??
    singleHeader(headers, 'api-key') ??
    bearerOf(headers.authorization);
  if (named !== undefined) return named;
  return query.includes('key=') ? (new URLSearchParams(query).get('key') ?? undefined) : undefined;
}

/** The query without the credential, in the client's own spelling. */
export function withoutKey(query: string): string {
  if (!query.includes('key=')) return query;
  return query
    .split('&')
    .filter((pair) => !pair.startsWith('key='))
    .join('&');
}

function singleHeader(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value.trim() : undefined;
}

function bearerOf(authorization: string | undefined): string | undefined {
  const match = /^bearer\s+(\S+)\s*$/i.exec(authorization ?? '');
  return match?.[1];
}
