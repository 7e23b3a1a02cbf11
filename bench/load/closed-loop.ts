import { LoadConnection } from './connection.ts';
import type { ClosedLoopJob, LoadReport } from './load-job.ts';
import { createTally } from './tally.ts';

/** A target that fails every call must not be hammered for the whole run. */
const MAX_FAILURES = 50;
const DRAIN_MS = 10_000;

export function runClosedLoop(job: ClosedLoopJob): Promise<LoadReport> {
  const request = Buffer.from(job.request, 'latin1');
  const tally = createTally();
  return new Promise((resolve) => {
    const open = new Set<LoadConnection>();
    let isStopping = false;
    let failures = 0;
    const finish = (): void => {
      clearTimeout(stopTimer);
      clearTimeout(drainTimer);
      resolve(tally.report());
    };
    const retire = (connection: LoadConnection): void => {
      open.delete(connection);
      connection.destroy('done');
      if (open.size === 0) finish();
    };
    const next = (connection: LoadConnection): void => {
      connection.exchange(request, {
        onDone: ({ frames, failure }) => {
          if (failure === null) tally.complete(frames);
          else {
            tally.fail(failure);
            failures += 1;
          }
          if (isStopping || failures >= MAX_FAILURES) retire(connection);
          else if (connection.isReusable) next(connection);
          else replace(connection);
        },
      });
    };
    const replace = (gone: LoadConnection): void => {
      const fresh = new LoadConnection(job.address);
      open.add(fresh);
      open.delete(gone);
      next(fresh);
    };
    const stopTimer = setTimeout(() => {
      isStopping = true;
    }, job.durationMs);
    const drainTimer = setTimeout(() => {
      for (const connection of open) connection.destroy('no answer in time');
    }, job.durationMs + DRAIN_MS);
    for (let index = 0; index < job.connections; index += 1) {
      const connection = new LoadConnection(job.address);
      open.add(connection);
      next(connection);
    }
  });
}
