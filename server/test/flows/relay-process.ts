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
  /** Lines of standard output until now. */
  printed(): readonly string[];
  /** Resolves with exit code or signal. */
  ended(): Promise<number | NodeJS.Signals>;
}

const entry = join(repositoryRoot, 'server', 'bin', 'qingzhou.mjs');

/** Starts the relay on a free port and waits until it listens. */
export async function startRelayProcess(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  options: { readonly isForPeople?: boolean } = {},
): Promise<RelayProcess> {
  const json = options.isForPeople === true ? [] : ['--json'];
  const child = spawn(process.execPath, [entry, 'start', ...json, ...args], {
    env: { PATH: process.env['PATH'] ?? '', QINGZHOU_PORT: '0', QINGZHOU_LOG_LEVEL: 'silent', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  await Promise.race([
    once(reader, 'line'),
    exit.then(([code]) => {
      throw new Error(`the relay ended with ${code}: ${stderr}`);
    }),
  ]);
  const [first = ''] = lines;
  const { url, key } = (json.length > 0 ? JSON.parse(first) : fromBanner(first)) as {
    url: string;
    key: string | null;
  };
  return {
    url,
    key,
    child,
    printed: () => [...lines],
    ended: async () => {
      const [code, signal] = await exit;
      return code ?? signal ?? 0;
    },
  };
}

/** The first line for people ends with the address; their key comes in a later one. */
function fromBanner(line: string): { url: string; key: null } {
  return { url: /http:\S+$/.exec(line)?.[0] ?? '', key: null };
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
