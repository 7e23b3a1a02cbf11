import { createRateWindow } from './rate-window.ts';
import type { EpochMs } from '../domain/time.ts';
import type { RelayKeyId } from '../domain/ids.ts';
import type { RateWindow } from './rate-window.ts';

/** What one relay key has used of its limits, in this process. */
export interface KeyUse {
  readonly requests: RateWindow;
  readonly tokens: RateWindow;
  /** Permits out now. */
  inFlight: number;
  lastUsedAt: EpochMs;
}

/** The counters of all keys in use. Keys that were idle for over a minute are forgotten: their windows are empty. */
export interface Limiter {
  use(keyId: RelayKeyId, now: EpochMs): KeyUse;
  /** Keys with counters in memory. */
  readonly size: number;
}

const idleMs = 62_000;
const sweepEveryMs = 10_000;

export function createLimiter(): Limiter {
  const uses = new Map<RelayKeyId, KeyUse>();
  let sweptAt = 0;
  const sweep = (now: EpochMs): void => {
    sweptAt = now;
    for (const [keyId, use] of uses) {
      if (use.inFlight === 0 && now - use.lastUsedAt > idleMs) uses.delete(keyId);
    }
  };
  return {
    get size() {
      return uses.size;
    },
    use(keyId, now) {
      if (now - sweptAt >= sweepEveryMs) sweep(now);
      let use = uses.get(keyId);
      if (use === undefined) {
        use = { requests: createRateWindow(), tokens: createRateWindow(), inFlight: 0, lastUsedAt: now };
        uses.set(keyId, use);
      }
      use.lastUsedAt = Math.max(use.lastUsedAt, now);
      return use;
    },
  };
}
