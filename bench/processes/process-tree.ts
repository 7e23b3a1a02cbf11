/** CPU time and memory of a process with all its threads and descendants, read from /proc. */
import { readdirSync, readFileSync } from 'node:fs';

/** The kernel reports CPU time to user space in hundredths of a second on every architecture. */
const MICROS_PER_TICK = 10_000;
const PAGE_KB = 4;

export interface ProcessStat {
  readonly pid: number;
  readonly parentPid: number;
  /** User and system time of all threads, and of children that have ended and been waited for. */
  readonly cpuMicros: number;
  readonly rssKb: number;
}

/** Reads one line of /proc/<pid>/stat. The command in brackets may hold blanks and brackets itself. */
export function parseStat(text: string): ProcessStat | null {
  const open = text.indexOf(' (');
  const close = text.lastIndexOf(') ');
  if (open < 0 || close < 0) return null;
  const fields = text
    .slice(close + 2)
    .trim()
    .split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  const ticks = field(14) + field(15) + field(16) + field(17);
  const stat = {
    pid: Number(text.slice(0, open)),
    parentPid: field(4),
    cpuMicros: ticks * MICROS_PER_TICK,
    rssKb: field(24) * PAGE_KB,
  };
  return Object.values(stat).every(Number.isFinite) ? stat : null;
}

/** The process and its descendants. Pure, so that a tree can be tried without one. */
export function treeOf(rootPid: number, all: readonly ProcessStat[]): ProcessStat[] {
  const found = all.filter((stat) => stat.pid === rootPid);
  for (let index = 0; index < found.length; index += 1) {
    const parentPid = found[index]?.pid;
    found.push(...all.filter((stat) => stat.parentPid === parentPid && stat.pid !== rootPid));
  }
  return found;
}

function readAll(): ProcessStat[] {
  const stats: ProcessStat[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = parseStat(readFileSync(`/proc/${name}/stat`, 'latin1'));
      if (stat !== null) stats.push(stat);
    } catch {
      // It ended between the listing and the reading.
    }
  }
  return stats;
}

export interface TreeUsage {
  readonly cpuMicros: number;
  readonly rssKb: number;
}

export function readTreeUsage(rootPid: number): TreeUsage {
  const tree = treeOf(rootPid, readAll());
  if (tree.length === 0) throw new Error(`process ${rootPid} has ended`);
  return {
    cpuMicros: tree.reduce((sum, stat) => sum + stat.cpuMicros, 0),
    rssKb: tree.reduce((sum, stat) => sum + stat.rssKb, 0),
  };
}

export interface MachineUsage {
  /** CPU time of all programs on all cores. */
  readonly busyMicros: number;
  /** Time that the host gave to other machines. */
  readonly stolenMicros: number;
}

/** Reads the first line of /proc/stat. */
export function parseMachineUsage(text: string): MachineUsage {
  const fields = /^cpu +(.*)$/m.exec(text)?.[1]?.split(' ').map(Number) ?? [];
  const [user = 0, nice = 0, system = 0] = fields;
  return {
    busyMicros: (user + nice + system) * MICROS_PER_TICK,
    stolenMicros: (fields[7] ?? 0) * MICROS_PER_TICK,
  };
}

export const readMachineUsage = (): MachineUsage => parseMachineUsage(readFileSync('/proc/stat', 'latin1'));

/** The present limit of open files of this process, which its children inherit. */
export function openFileLimit(): number {
  const limit = /^Max open files +(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
  return limit === undefined || limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit);
}
