import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../flows/repository-root.ts';
import { clientPackages, type ClientName, type ClientPackage } from './client-packages.ts';

const run = promisify(execFile);

const INSTALL_LIMIT_MS = 400_000;

export type InstalledClient =
  | { readonly isReady: true; readonly executable: string }
  | { readonly isReady: false; readonly reason: string };

/**
 * Fetches a client once into `.cache/clients/<name>-<version>`. Where its registry is out of reach the reason comes back,
 * and the tests count as skipped, not as passed.
 */
export async function installClient(name: ClientName): Promise<InstalledClient> {
  const client: ClientPackage = clientPackages[name];
  const folder = join(repositoryRoot, '.cache', 'clients', `${name}-${client.version}`);
  const executable = join(folder, client.executable);
  const mark = join(folder, 'installed');
  const wanted = `${client.package} ${client.version} ${process.platform}-${process.arch}\n`;
  const isThere = existsSync(executable) && existsSync(mark) && readFileSync(mark, 'utf8') === wanted;
  if (isThere) return { isReady: true, executable };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const begun = performance.now();
  tell(`installing ${client.package} ${client.version}, about ${client.megabytes} MB ...`);
  try {
    await (client.registry === 'npm' ? installFromNpm : installFromPypi)(folder, client);
  } catch (error) {
    return { isReady: false, reason: `${client.package} could not be installed: ${lastLine(error)}` };
  }
  if (!existsSync(executable)) {
    return { isReady: false, reason: `${client.package} brought no ${client.executable} for this machine` };
  }
  writeFileSync(mark, wanted);
  tell(`installed in ${Math.round((performance.now() - begun) / 1000)} s`);
  return { isReady: true, executable };
}

async function installFromNpm(folder: string, client: ClientPackage): Promise<void> {
  const npm = process.env['npm_execpath'];
  const [command, ...before] = npm === undefined ? ['npm'] : [process.execPath, npm];
  const quiet = ['--no-audit', '--no-fund', '--package-lock=false', '--ignore-scripts', '--loglevel=error'];
  const wish = `${client.package}@${client.version}`;
  await perform(command ?? 'npm', [...before, 'install', '--prefix', folder, ...quiet, wish]);
  if (client.finish === undefined) return;
  await perform(process.execPath, [client.finish.script], join(folder, client.finish.folder));
}

async function installFromPypi(folder: string, client: ClientPackage): Promise<void> {
  await perform('python3', ['-m', 'venv', folder]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  await perform(join(folder, 'bin', 'python'), [...pip, `${client.package}==${client.version}`]);
}

async function perform(command: string, args: readonly string[], cwd = repositoryRoot): Promise<void> {
  await run(command, [...args], { cwd, timeout: INSTALL_LIMIT_MS, maxBuffer: 16 * 1024 * 1024 });
}

function lastLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split('\n').at(-1)?.slice(0, 200) ?? 'unknown reason';
}

function tell(line: string): void {
  process.stdout.write(`  ${line}\n`);
}
