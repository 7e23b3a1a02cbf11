/**
 * Starts processes on one core and ends them with all their children. Each is the leader of its own
 * process group, so that nothing outlives the harness, whichever way it ends.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createWorkFolder, removeWorkFolder } from './work-folder.ts';

export interface PinnedProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  /** The last of its standard error until it is stopped, for a plain message when it fails. */
  readonly errorText: () => string;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly core: 0 | 1;
  readonly args: readonly string[];
  /** Added to the environment of the harness; an undefined value takes a name away. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly hasChannel?: boolean;
  /** Its standard output can be read; otherwise it goes nowhere. */
  readonly hasOutput?: boolean;
}

const MAX_ERROR_TEXT = 2_000;
const STOP_MS = 4_000;
const running = new Set<number>();

/** Why processes cannot be pinned here; null when they can. */
export function whyUnpinned(): string | null {
  if (availableParallelism() < 2) return 'this machine offers one core only';
  const probe = spawnSync('taskset', ['-c', '0,1', 'true'], { stdio: 'ignore' });
  return probe.status === 0 ? null : 'taskset is missing or refused (util-linux)';
}

const isPinned = whyUnpinned() === null;

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended already.
  }
}

/** Ends every group at once; also the last act of the harness itself. */
export function killAll(): void {
  for (const pid of running) killGroup(pid, 'SIGKILL');
  running.clear();
}

function stopGroup(child: ChildProcess, pid: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    killGroup(pid, 'SIGKILL');
    running.delete(pid);
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const timer = setTimeout(() => killGroup(pid, 'SIGKILL'), STOP_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      killGroup(pid, 'SIGKILL');
      running.delete(pid);
      resolve();
    });
    killGroup(pid, 'SIGTERM');
  });
}

/**
 * Standard error goes to a file: a log line into a pipe would wait for the harness to read it, and the reading
 * would take time from the cores that are measured.
 */
function openErrorFile(): { descriptor: number; tail: () => string; remove: () => void } {
  const folder = createWorkFolder('stderr');
  const file = join(folder, 'text');
  const descriptor = openSync(file, 'a+');
  const tail = (): string => {
    const { size } = fstatSync(descriptor);
    const bytes = Buffer.alloc(Math.min(size, MAX_ERROR_TEXT));
    readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString('utf8').trim();
  };
  const remove = (): void => {
    closeSync(descriptor);
    removeWorkFolder(folder);
  };
  return { descriptor, tail, remove };
}

export function startPinned(command: string, options: StartOptions): PinnedProcess {
  const [file, args] = isPinned
    ? ['taskset', ['-c', String(options.core), command, ...options.args]]
    : [command, [...options.args]];
  const errors = openErrorFile();
  const output = options.hasOutput === true ? 'pipe' : 'ignore';
  const child = spawn(file, args, {
    detached: true,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', output, errors.descriptor, ...(options.hasChannel === true ? (['ipc'] as const) : [])],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} could not be started`);
  running.add(pid);
  const stop = async (): Promise<void> => {
    await stopGroup(child, pid);
    errors.remove();
  };
  return { pid, child, errorText: errors.tail, stop };
}
