import type { LoadReport } from './load-job.ts';

/** Counts the outcomes of one job. */
export function createTally() {
  const startedAt = process.hrtime.bigint();
  const latenciesMicros: number[] = [];
  let completed = 0;
  let failed = 0;
  let frames = 0;
  let firstFailure: string | null = null;
  return {
    latenciesMicros,
    complete(frameCount: number): void {
      completed += 1;
      frames += frameCount;
    },
    fail(reason: string): void {
      failed += 1;
      firstFailure ??= reason;
    },
    report(): LoadReport {
      const elapsedMs = Number(process.hrtime.bigint() - startedAt) / 1e6;
      return { completed, failed, firstFailure, frames, elapsedMs, latenciesMicros };
    },
  };
}

export type Tally = ReturnType<typeof createTally>;
