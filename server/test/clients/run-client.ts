import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface ClientRun {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ClientCommand {
  readonly executable: string;
  readonly args: readonly string[];
  readonly input: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly limitMs: number;
}

/** Runs a client to its end, or ends it and all that it started when its time is up. */
export async function runClient(command: ClientCommand): Promise<ClientRun> {
  const isScript = /\.[cm]?js$/.test(command.executable);
  const [file, before] = isScript ? [process.execPath, [command.executable]] : [command.executable, []];
  const child = spawn(file, [...before, ...command.args], {
    cwd: command.cwd,
    env: command.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own: clients start servers and shells that must not outlive them.
    detached: true,
  });
  // A client that never reads its input ends without having taken it.
  child.stdin.on('error', () => {});
  child.stdin.end(command.input);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const timer = setTimeout(() => endGroup(child.pid), command.limitMs);
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  endGroup(child.pid);
  return { code: code ?? `${signal}`, stdout, stderr };
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}

/** Writes files, path below the folder to content. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}
