/** The load generator: its own process, told what to do over the channel of its parent. */
import { answerJobs } from '../processes/job-link.ts';
import { runClosedLoop } from './closed-loop.ts';
import type { LoadJob, LoadReport } from './load-job.ts';
import { runOpenLoop } from './open-loop.ts';
import { dropHeld, holdStreams, runStreams } from './streams.ts';

function run(job: LoadJob): Promise<LoadReport> | LoadReport {
  if (job.kind === 'closed-loop') return runClosedLoop(job);
  if (job.kind === 'open-loop') return runOpenLoop(job);
  if (job.kind === 'streams') return runStreams(job);
  if (job.kind === 'hold') return holdStreams(job);
  return dropHeld();
}

answerJobs(run);
