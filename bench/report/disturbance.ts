import { availableParallelism } from 'node:os';
import { readMachineUsage, readTreeUsage } from '../processes/process-tree.ts';

/** How much of the machine went elsewhere during the run, in per cent of all its cores. */
export interface Disturbance {
  readonly otherPrograms: number;
  readonly otherMachines: number;
}

/** Starts watching; the answer is taken by calling what it returns, before the harness ends. */
export function watchDisturbance(): () => Disturbance {
  const startedAt = performance.now();
  const machine = readMachineUsage();
  const own = readTreeUsage(process.pid).cpuMicros;
  return () => {
    const offeredMicros = (performance.now() - startedAt) * 1000 * availableParallelism();
    const now = readMachineUsage();
    const ownMicros = readTreeUsage(process.pid).cpuMicros - own;
    const share = (micros: number): number => Math.max(0, Math.round((micros / offeredMicros) * 1000) / 10);
    return {
      otherPrograms: share(now.busyMicros - machine.busyMicros - ownMicros),
      otherMachines: share(now.stolenMicros - machine.stolenMicros),
    };
  };
}
