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
  if (existsSync(python) && existsSync(mark) && readFileSync(mark, 'utf8') === wanted) {
    return { isReady: true, python };
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, '..'), { recursive: true });
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
