/**
 * One interval for every deadline of the process. Re-arming a timer per received frame costs more than the frame; a
 * listener instead compares two numbers a few times a second.
 */
export interface Ticker {
  /** Calls `listener` every tick with the monotonic time in ms. Returns how to stop it. */
  add(listener: (monotonicMs: number) => void): () => void;
  /** Resolves after `ms`, or at once with `false` when `onCancel` fires first. */
  sleep(ms: number, onCancel: (cancel: () => void) => () => void): Promise<boolean>;
  stop(): void;
}

export function createTicker(intervalMs: number): Ticker {
  const listeners = new Set<(monotonicMs: number) => void>();
  const timer = setInterval(() => {
    const now = performance.now();
    for (const listener of listeners) listener(now);
  }, intervalMs);
  timer.unref();

  return {
    add(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
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
      listeners.clear();
    },
  };
}
