import { cpus, release, totalmem } from 'node:os';
import { whyUnpinned } from '../processes/pinned-process.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly node: string;
  /** Null when every process has its core; otherwise why not, and then no figure may be trusted far. */
  readonly unpinned: string | null;
}

export function describeMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    unpinned: whyUnpinned(),
  };
}
