import { Worker } from 'node:worker_threads';
import { monotonicMs } from './clock.ts';
import { LoadConnection } from './connection.ts';
import type { LoadReport, OpenLoopJob } from './load-job.ts';
import { createTally, type Tally } from './tally.ts';

/** Beyond this many calls in flight the target has lost the race and further calls only count as failed. */
const MAX_IN_FLIGHT = 2_000;
const DRAIN_MS = 3_000;

function createCaller(job: OpenLoopJob, tally: Tally) {
  const request = Buffer.from(job.request, 'latin1');
  const idle: LoadConnection[] = [];
  const busy = new Set<LoadConnection>();
  const start = (scheduledAt: number): void => {
    if (busy.size >= MAX_IN_FLIGHT) return tally.fail('more than 2,000 calls in flight');
    let connection = idle.pop();
    while (connection !== undefined && !connection.isReusable) connection = idle.pop();
    const used = connection ?? new LoadConnection(job.address);
    busy.add(used);
    let latencyMicros = 0;
    const mark = (): void => {
      latencyMicros = (monotonicMs() - scheduledAt) * 1000;
    };
    used.exchange(request, {
      onFirstByte: mark,
      onDone: ({ frames, failure }) => {
        busy.delete(used);
        if (failure !== null) return tally.fail(failure);
        if (job.mark === 'last-byte') mark();
        tally.latenciesMicros.push(latencyMicros);
        tally.complete(frames);
        if (used.isReusable) idle.push(used);
      },
    });
  };
  const close = (): void => {
    for (const connection of busy) connection.destroy('no answer in time');
    for (const connection of idle) connection.destroy('done');
  };
  return { start, close, hasCallsInFlight: () => busy.size > 0 };
}

export async function runOpenLoop(job: OpenLoopJob): Promise<LoadReport> {
  const tally = createTally();
  const caller = createCaller(job, tally);
  const pacer = new Worker(new URL('./pacer.ts', import.meta.url), {
    workerData: { perSecond: job.perSecond, durationMs: job.durationMs },
  });
  await new Promise<void>((resolve, reject) => {
    pacer.on('message', (dueAt: number) => caller.start(dueAt));
    pacer.on('error', reject);
    pacer.on('exit', () => resolve());
  });
  const giveUpAt = monotonicMs() + DRAIN_MS;
  while (caller.hasCallsInFlight() && monotonicMs() < giveUpAt) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  caller.close();
  return tally.report();
}
