import { LoadConnection } from './connection.ts';
import type { HoldJob, LoadReport, StreamsJob } from './load-job.ts';
import { createTally } from './tally.ts';

/** Calls `start` for each index at its share of the spread; answers a function that stops it. */
function spread(count: number, spreadMs: number, start: () => void): () => void {
  const startedAt = performance.now();
  let started = 0;
  const timer = setInterval(() => {
    const share = spreadMs === 0 ? 1 : Math.min(1, (performance.now() - startedAt) / spreadMs);
    for (const due = Math.ceil(share * count); started < due; started += 1) start();
    if (started === count) clearInterval(timer);
  }, 1);
  return () => clearInterval(timer);
}

export function runStreams(job: StreamsJob): Promise<LoadReport> {
  const request = Buffer.from(job.request, 'latin1');
  const tally = createTally();
  return new Promise((resolve) => {
    const open = new Set<LoadConnection>();
    let done = 0;
    const finish = (): void => {
      clearTimeout(deadline);
      stopSpread();
      resolve(tally.report());
    };
    const stopSpread = spread(job.streams, job.spreadMs, () => {
      const connection = new LoadConnection(job.address);
      open.add(connection);
      connection.exchange(request, {
        onDone: ({ frames, failure }) => {
          if (failure === null) tally.complete(frames);
          else tally.fail(failure);
          done += 1;
          open.delete(connection);
          connection.destroy('done');
          if (done === job.streams) finish();
        },
      });
    });
    const deadline = setTimeout(() => {
      for (const connection of open) connection.destroy('no end in time');
      finish();
    }, job.deadlineMs);
  });
}

const held = new Set<LoadConnection>();

/** Opens streams and leaves them open; see `dropHeld`. */
export function holdStreams(job: HoldJob): Promise<LoadReport> {
  const request = Buffer.from(job.request, 'latin1');
  const tally = createTally();
  return new Promise((resolve) => {
    let settled = 0;
    const settle = (): void => {
      settled += 1;
      if (settled === job.streams) finish();
    };
    const finish = (): void => {
      clearTimeout(deadline);
      stopSpread();
      resolve(tally.report());
    };
    const stopSpread = spread(job.streams, job.spreadMs, () => {
      const connection = new LoadConnection(job.address);
      held.add(connection);
      let hasStarted = false;
      const begin = (): void => {
        hasStarted = true;
        tally.complete(0);
        settle();
      };
      connection.exchange(request, {
        onFirstByte: job.isReading ? begin : () => {},
        onDone: ({ failure }) => {
          held.delete(connection);
          if (hasStarted) return;
          hasStarted = true;
          tally.fail(failure ?? 'ended before it was held');
          settle();
        },
      });
      if (!job.isReading) {
        connection.stall();
        begin();
      }
    });
    const deadline = setTimeout(finish, job.deadlineMs);
  });
}

export function dropHeld(): LoadReport {
  const tally = createTally();
  for (const connection of held) {
    tally.complete(0);
    connection.destroy('dropped');
  }
  held.clear();
  return tally.report();
}
