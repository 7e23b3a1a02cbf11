import { execFile } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { startPinned, type PinnedProcess } from '../processes/pinned-process.ts';
import { BENCH_MODEL } from '../upstream/answers.ts';
import type { RunningTarget, Target } from './target.ts';
import { createWorkFolder, removeWorkFolder, repositoryRoot } from '../processes/work-folder.ts';

const entry = join(repositoryRoot, 'server', 'bin', 'qingzhou.mjs');
const COMMAND_MS = 20_000;
const START_MS = 20_000;
const runFile = promisify(execFile);

/**
 * A priced model, a prepaid wallet that pays, and limits that are checked and never reached: authentication,
 * limits, hold, metering and durable settlement all do their work on every call.
 */
const commands = {
  connect: (upstreamPort: number): string =>
    `account add --kind openai-compatible --name bench --base-url http://127.0.0.1:${upstreamPort}/v1
     --credential sk-bench --models ${BENCH_MODEL} --unpriced refuse --json`,
  pay: 'top-up 1000000 --json',
  createKey: 'key create --name bench --rpm 10000000 --tpm 1000000000 --concurrency 100000 --json',
} as const;

/**
 * What the person who runs the bench has in the environment must not reach the relay: it would take a provider
 * key of theirs for a second account. A name with no value is not handed to the child.
 */
function relayEnvironment(folder: string): NodeJS.ProcessEnv {
  const foreign = Object.keys(process.env).filter((name) => /^QINGZHOU_|_API_KEY$/.test(name));
  return {
    ...Object.fromEntries(foreign.map((name) => [name, undefined])),
    QINGZHOU_DATA_DIR: folder,
    QINGZHOU_HOST: '127.0.0.1',
    QINGZHOU_PORT: '0',
    QINGZHOU_WALLET: 'prepaid',
  };
}

/** The address in the line that `start --json` prints when it listens. */
export function portInStartLine(line: string): number | null {
  try {
    const { url } = JSON.parse(line) as { url?: unknown };
    return typeof url === 'string' ? Number(new URL(url).port) : null;
  } catch {
    return null;
  }
}

function listeningPort(process: PinnedProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      clearTimeout(timer);
      reject(new Error(`${reason}: ${process.errorText()}`));
    };
    const timer = setTimeout(() => fail(`qingzhou does not listen after ${START_MS} ms`), START_MS);
    process.child.once('exit', () => fail('qingzhou ended at once'));
    const { stdout } = process.child;
    if (stdout === null) return fail('qingzhou has no standard output');
    createInterface({ input: stdout }).on('line', (line) => {
      const port = portInStartLine(line);
      if (port === null) return;
      clearTimeout(timer);
      resolve(port);
    });
  });
}

interface Installation {
  readonly upstreamPort: number;
  readonly folder: string;
  readonly key: string;
}

let installed: Installation | null = null;

/** Made once for each upstream; every start works on a copy, so that no run finds the books of another. */
async function install(upstreamPort: number): Promise<Installation> {
  if (installed?.upstreamPort === upstreamPort) return installed;
  const folder = createWorkFolder('qingzhou-new');
  const env = { ...process.env, ...relayEnvironment(folder) };
  const command = async (line: string): Promise<string> => {
    const args = [entry, ...line.split(/\s+/)];
    return (await runFile(process.execPath, args, { env, timeout: COMMAND_MS })).stdout;
  };
  await command(commands.connect(upstreamPort));
  await command(commands.pay);
  const { key } = JSON.parse(await command(commands.createKey)) as { key: string };
  installed = { upstreamPort, folder, key };
  return installed;
}

async function startRelay(upstreamPort: number, folder: string): Promise<RunningTarget> {
  const { folder: original, key } = await install(upstreamPort);
  cpSync(original, folder, { recursive: true });
  const env = relayEnvironment(folder);
  const relay = startPinned(process.execPath, {
    core: 0,
    args: [entry, 'start', '--json'],
    env,
    hasOutput: true,
  });
  const stop = async (): Promise<void> => {
    await relay.stop();
    removeWorkFolder(folder);
  };
  try {
    return {
      process: relay,
      port: await listeningPort(relay),
      headers: { authorization: `Bearer ${key}` },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

export const qingzhou: Target = {
  name: 'qingzhou',
  isSubject: true,
  prepare: () => Promise.resolve(existsSync(entry) ? null : 'server/bin/qingzhou.mjs is not there'),
  version: () => `this checkout, node ${process.version}`,
  async start(upstreamPort) {
    const folder = createWorkFolder('qingzhou');
    try {
      return await startRelay(upstreamPort, folder);
    } catch (error) {
      removeWorkFolder(folder);
      throw error;
    }
  },
};
