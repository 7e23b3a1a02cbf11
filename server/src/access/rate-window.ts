import type { EpochMs } from '../domain/time.ts';

/**
 * Counts over a sliding minute, kept by the second. The second that is half out still counts whole, so that no 60
 * seconds, wherever they begin, ever hold more than the limit.
 */
export interface RateWindow {
  readonly used: number;
  /** Counts `amount` at `now`; negative gives back what was counted in second `at`. */
  add(amount: number, now: EpochMs): void;
  /** Corrects what was counted at `at`, unless that has left the window meanwhile. */
  correct(change: number, at: EpochMs, now: EpochMs): void;
  advance(now: EpochMs): void;
  /** How long until `amount` fits under `limit`; 0 when it fits now, `undefined` when it never will. */
  waitFor(amount: number, limit: number, now: EpochMs): number | undefined;
}

const slotMs = 1_000;
/** A whole minute and the second that is half out. */
const slotCount = 61;

export function createRateWindow(): RateWindow {
  const slots = new Float64Array(slotCount);
  let used = 0;
  /** The newest second seen. A clock that steps back keeps counting there. */
  let newest = 0;
  const slotOf = (second: number): number => second % slotCount;

  const advance = (now: EpochMs): void => {
    const second = Math.floor(now / slotMs);
    if (second <= newest) return;
    if (second - newest >= slotCount) {
      slots.fill(0);
      used = 0;
    } else {
      for (let step = newest + 1; step <= second; step += 1) {
        used -= slots[slotOf(step)] ?? 0;
        slots[slotOf(step)] = 0;
      }
    }
    newest = second;
  };

  const addAt = (second: number, amount: number): void => {
    slots[slotOf(second)] = (slots[slotOf(second)] ?? 0) + amount;
    used += amount;
  };

  return {
    get used() {
      return used;
    },
    advance,
    add(amount, now) {
      advance(now);
      addAt(newest, amount);
    },
    correct(change, at, now) {
      advance(now);
      const second = Math.min(newest, Math.floor(at / slotMs));
      if (newest - second < slotCount) addAt(second, change);
    },
    waitFor(amount, limit, now) {
      advance(now);
      if (amount > limit) return undefined;
      let excess = used + amount - limit;
      if (excess <= 0) return 0;
      for (let age = slotCount - 1; age >= 0; age -= 1) {
        const second = newest - age;
        excess -= slots[slotOf(second)] ?? 0;
        if (excess <= 0) return Math.max(1, (second + slotCount) * slotMs - now);
      }
      return slotCount * slotMs;
    },
  };
}
