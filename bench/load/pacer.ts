/**
 * A thread that ticks by the clock and says for when each tick was due. Timers of the event loop come in whole
 * milliseconds and up to one late, which is more than what an open loop has to measure; a futex wait is late by
 * some tens of microseconds.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { monotonicMs } from './clock.ts';

const { perSecond, durationMs } = workerData as { perSecond: number; durationMs: number };
const cell = new Int32Array(new SharedArrayBuffer(4));
const stepMs = 1000 / perSecond;
const startedAt = monotonicMs();

for (let dueMs = 0; dueMs < durationMs; dueMs += stepMs) {
  const waitMs = startedAt + dueMs - monotonicMs();
  if (waitMs > 0) Atomics.wait(cell, 0, 0, waitMs);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  parentPort?.postMessage(startedAt + dueMs);
}
