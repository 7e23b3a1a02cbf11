import { hashOf } from './seeded-random.ts';
import type { CacheTtl, SimulatedCall } from './simulated-call.ts';
import { countTokens } from './tokenizer.ts';

const MINIMUM_TOKENS = 1024;
/** How many segments before a mark are searched for an earlier entry. */
const LOOK_BACK_SEGMENTS = 20;
const MAX_ENTRIES = 50_000;

const TTL_MS: Readonly<Record<CacheTtl, number>> = {
  '5m': 5 * 60_000,
  '30m': 30 * 60_000,
  '1h': 60 * 60_000,
  '12h': 12 * 60 * 60_000,
};

interface PrefixCounts {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly cacheWriteByTtl: Readonly<Record<CacheTtl, number>>;
}

/** Remembers prompt prefixes per account and model, as hashes, each for its time to live. */
export interface PrefixCache {
  count(call: SimulatedCall, account: string): PrefixCounts;
  clear(): void;
}

interface Entry {
  readonly ttl: CacheTtl;
  expiresAtMs: number;
}

/** The prompt up to and including one segment. */
interface Prefix {
  readonly key: string;
  readonly tokens: number;
  readonly markedTtl?: CacheTtl | undefined;
}

export function createPrefixCache(now: () => number): PrefixCache {
  const entries = new Map<string, Entry>();
  const isWarm = (prefix: Prefix): boolean => (entries.get(prefix.key)?.expiresAtMs ?? 0) > now();

  const remember = (prefix: Prefix, ttl: CacheTtl): void => {
    entries.delete(prefix.key);
    entries.set(prefix.key, { ttl, expiresAtMs: now() + TTL_MS[ttl] });
    const oldest = entries.size > MAX_ENTRIES ? entries.keys().next().value : undefined;
    if (oldest !== undefined) entries.delete(oldest);
  };

  return {
    count(call, account) {
      const prefixes = prefixesOf(call, account);
      const total = (prefixes.at(-1)?.tokens ?? 0) + call.mediaTokens;
      const byTtl: Record<CacheTtl, number> = { '5m': 0, '30m': 0, '1h': 0, '12h': 0 };
      const writable = writablePrefixes(call, prefixes);
      const readable = readablePrefixes(call, prefixes);
      const hit = readable.findLast((prefix) => prefix.tokens >= MINIMUM_TOKENS && isWarm(prefix));
      const cacheRead = hit?.tokens ?? 0;
      if (hit !== undefined) remember(hit, entries.get(hit.key)?.ttl ?? '5m');
      let covered = cacheRead;
      for (const { prefix, ttl } of writable) {
        if (prefix.tokens <= covered) continue;
        byTtl[ttl] += prefix.tokens - covered;
        covered = prefix.tokens;
        remember(prefix, ttl);
      }
      return { input: total - covered, cacheRead, cacheWrite: covered - cacheRead, cacheWriteByTtl: byTtl };
    },
    clear: () => entries.clear(),
  };
}

function prefixesOf(call: SimulatedCall, account: string): readonly Prefix[] {
  let key = hashOf(account, call.model);
  let tokens = 0;
  return call.segments.map((segment) => {
    key = hashOf(key, segment.text);
    tokens += countTokens(segment.text);
    return { key, tokens, markedTtl: segment.cacheTtl };
  });
}

function writablePrefixes(
  call: SimulatedCall,
  prefixes: readonly Prefix[],
): readonly { prefix: Prefix; ttl: CacheTtl }[] {
  if (call.caching === 'none') return [];
  const isAutomatic = call.caching === 'automatic';
  return prefixes
    .filter((prefix) => prefix.tokens >= MINIMUM_TOKENS && (isAutomatic || prefix.markedTtl !== undefined))
    .map((prefix) => ({ prefix, ttl: prefix.markedTtl ?? '5m' }));
}

function readablePrefixes(call: SimulatedCall, prefixes: readonly Prefix[]): readonly Prefix[] {
  if (call.caching === 'none') return [];
  if (call.caching === 'automatic') return prefixes;
  const marks = prefixes.flatMap((prefix, index) => (prefix.markedTtl === undefined ? [] : [index]));
  return prefixes.filter((_, index) =>
    marks.some((mark) => index <= mark && mark - index <= LOOK_BACK_SEGMENTS),
  );
}
