import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { repositoryRoot } from './repository-root.ts';

/** The relay as a process of its own, started the way an operator starts it. */
export interface RelayProcess {
  readonly url: string;
  readonly key: string | null;
  readonly child: ChildProcess;
  /** Resolves with exit code or signal. */
  ended(): Promise<number | NodeJS.Signals>;
}

const entry = join(repositoryRoot, 'server', 'bin', 'qingzhou.mjs');

/** Starts the relay on a free port and waits until it listens. */
export async function startRelayProcess(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<RelayProcess> {
  const child = spawn(process.execPath, [entry, 'start', '--json', ...args], {
    env: { PATH: process.env['PATH'] ?? '', QINGZHOU_PORT: '0', QINGZHOU_LOG_LEVEL: 'silent', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>,
    exit.then(([code]) => {
      throw new Error(`the relay ended with ${code}: ${stderr}`);
    }),
  ]);
  const { url, key } = JSON.parse(line[0]) as { url: string; key: string | null };
  return {
    url,
    key,
    child,
    ended: async () => {
      const [code, signal] = await exit;
      return code ?? signal ?? 0;
    },
  };
}

/** Runs one command of the command line to its end. */
export async function runCommand(
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  input = '',
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [entry, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(input);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? 1, stdout, stderr };
}
