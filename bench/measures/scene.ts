import type { LoadJob, LoadReport } from '../load/load-job.ts';
import type { JobLink } from '../processes/job-link.ts';
import { readTreeUsage, type TreeUsage } from '../processes/process-tree.ts';
import type { RunningTarget } from '../targets/target.ts';
import type { UpstreamJob, UpstreamReport } from '../upstream/upstream-job.ts';

/** Who takes part in a measurement. */
export interface Scene {
  readonly load: JobLink<LoadJob, LoadReport>;
  readonly upstream: JobLink<UpstreamJob, UpstreamReport>;
  readonly target: RunningTarget;
  /** Says plainly what went wrong without ending the run. */
  readonly complain: (text: string) => void;
}

/** Work that a target does after its answer (settlement) still belongs to the call. */
const AFTERMATH_MS = 250;
const SPARE_MS = 20_000;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function usageOf(scene: Scene): TreeUsage {
  const { process } = scene.target;
  return process === null ? { cpuMicros: 0, rssKb: 0 } : readTreeUsage(process.pid);
}

/** Runs a job, bounded in time, and names failed calls. */
export async function runLoad(scene: Scene, name: string, job: LoadJob): Promise<LoadReport> {
  const durationMs = 'durationMs' in job ? job.durationMs : 'deadlineMs' in job ? job.deadlineMs : 0;
  const report = await scene.load.ask(job, durationMs + SPARE_MS);
  if (report.failed > 0) {
    const total = report.failed + report.completed;
    scene.complain(`${name}: ${report.failed} of ${total} calls failed (${report.firstFailure})`);
  }
  return report;
}

/** Runs a job and takes the CPU time of the target's whole process tree over it. */
export async function runCounted(
  scene: Scene,
  name: string,
  job: LoadJob,
): Promise<LoadReport & { readonly cpuMicros: number }> {
  const before = usageOf(scene).cpuMicros;
  const report = await runLoad(scene, name, job);
  await pause(AFTERMATH_MS);
  return { ...report, cpuMicros: usageOf(scene).cpuMicros - before };
}
