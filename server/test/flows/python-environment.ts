import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from './repository-root.ts';

const run = promisify(execFile);

/** The official Python clients, at the versions the tests were written against. */
const packages = ['openai==3.54.0', 'anthropic==2.12.0', 'google-genai==3.4.0'];

export type PythonEnvironment =
  | { readonly isReady: true; readonly python: string }
  | { readonly isReady: false; readonly reason: string };

/**
 * A virtual environment with the official clients, made once under `.cache/`. Where Python or its package index is out of
 * reach the reason comes back and the tests count as skipped, not as passed.
 */
export async function preparePython(): Promise<PythonEnvironment> {
  const folder = join(repositoryRoot, '.cache', 'python');
  const python = join(folder, 'bin', 'python');
  const mark = join(folder, 'packages.sha256');
  const wanted = createHash('sha256').update(packages.join('\n')).digest('hex');
  const isMade = (): boolean =>
    existsSync(python) && existsSync(mark) && readFileSync(mark, 'utf8') === wanted;
  if (isMade()) return { isReady: true, python };
  mkdirSync(join(folder, '..'), { recursive: true });
  // Two test files of one run want it at the same time; one makes it and the other waits.
  const release = await takeTurn(`${folder}.lock`);
  try {
    return isMade() ? { isReady: true, python } : await make({ folder, python, mark, wanted });
  } finally {
    release();
  }
}

const pause = promisify(setTimeout);

/** Waits for the lock file, which names its holder; what a dead process left behind is taken over. */
async function takeTurn(lock: string): Promise<() => void> {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return () => rmSync(lock, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    if (!isAlive(holderOf(lock))) rmSync(lock, { force: true });
    await pause(200);
  }
}

/** `0` between two steps of its maker, and when it has just gone. */
function holderOf(lock: string): number {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch {
    return 0;
  }
}

function isAlive(pid: number): boolean {
  if (pid === 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function make(wish: {
  readonly folder: string;
  readonly python: string;
  readonly mark: string;
  readonly wanted: string;
}): Promise<PythonEnvironment> {
  const { folder, python, mark, wanted } = wish;
  rmSync(folder, { recursive: true, force: true });
  const made = await tryRun('python3', ['-m', 'venv', folder]);
  if (made !== undefined) return { isReady: false, reason: `python3 with venv is not available (${made})` };
  const installed = await tryRun(python, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    ...packages,
  ]);
  if (installed !== undefined) {
    return { isReady: false, reason: `the official Python clients could not be installed (${installed})` };
  }
  writeFileSync(mark, wanted);
  return { isReady: true, python };
}

/** The last line of what went wrong, or `undefined` when nothing did. */
async function tryRun(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    await run(command, [...args], { timeout: 300_000, maxBuffer: 16 * 1024 * 1024 });
    return undefined;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return text.trim().split('\n').at(-1)?.slice(0, 200) ?? 'unknown reason';
  }
}
