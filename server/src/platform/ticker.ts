/**
 * One interval for every deadline of the process. Re-arming a timer per received frame costs more than the frame; a
 * listener instead compares two numbers a few times a second.
 */
import { Roster } from './roster.ts';

export interface Ticker {
  /** Calls `listener` every tick with the monotonic time in ms. Returns how to stop it. */
  add(listener: (monotonicMs: number) => void): () => void;
  /** Resolves after `ms`, or at once with `false` when `onCancel` fires first. */
  sleep(ms: number, onCancel: (cancel: () => void) => () => void): Promise<boolean>;
  stop(): void;
}

export function createTicker(intervalMs: number): Ticker {
  let listeners = new Roster<(monotonicMs: number) => void>();
  const timer = setInterval(() => {
    const now = performance.now();
    listeners.each((listener) => listener(now));
  }, intervalMs);
  timer.unref();

  return {
    add(listener) {
      const entry = listeners.join(listener);
      return () => listeners.leave(entry);
    },
    sleep(ms, onCancel) {
      return new Promise((resolve) => {
        const finish = (isElapsed: boolean): void => {
          clearTimeout(timeout);
          release();
          resolve(isElapsed);
        };
        const timeout = setTimeout(() => finish(true), ms);
        const release = onCancel(() => finish(false));
      });
    },
    stop() {
      clearInterval(timer);
      listeners = new Roster();
    },
  };
}
