import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startPinned } from '../processes/pinned-process.ts';
import { freePort, waitUntilListening } from './listening.ts';
import type { Target } from './target.ts';
import { cacheFolder } from '../processes/work-folder.ts';

const VERSION = '1.15.2';
const folder = join(cacheFolder, `portkey-${VERSION}`);
const entry = join(folder, 'node_modules', '@portkey-ai', 'gateway', 'build', 'start-server.js');

/**
 * As published, its dependency range takes a newer @hono/node-server with which every `stream: true` is
 * answered with status 500 ("TypeError: immutable"). It is measured with the last version that works.
 */
const MANIFEST = {
  name: 'bench-portkey',
  version: '0.0.0',
  private: true,
  dependencies: { '@portkey-ai/gateway': VERSION },
  overrides: { '@hono/node-server': '1.14.1' },
};

const INSTALL_MS = 180_000;

function install(): string | null {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify(MANIFEST, null, 2));
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  const run = spawnSync('npm', args, { cwd: folder, encoding: 'utf8', timeout: INSTALL_MS });
  if (run.status === 0 && existsSync(entry)) return null;
  const reason = run.error?.message ?? run.stderr.split('\n').find((line) => line.startsWith('npm error'));
  return `@portkey-ai/gateway@${VERSION} could not be installed from the npm registry (${reason ?? 'unknown reason'})`;
}

export const portkey: Target = {
  name: 'portkey',
  isSubject: false,
  prepare: ({ mayInstall }) => {
    if (existsSync(entry)) return Promise.resolve(null);
    return Promise.resolve(
      mayInstall ? install() : 'not installed yet; a run without --quick installs it into .cache/bench',
    );
  },
  version: () => `${VERSION} with @hono/node-server 1.14.1`,
  async start(upstreamPort) {
    const port = await freePort();
    const process = startPinned(globalThis.process.execPath, {
      core: 0,
      args: [entry, `--port=${port}`, '--headless'],
      cwd: folder,
      env: { NODE_ENV: 'production' },
    });
    try {
      await waitUntilListening(process, port, 20_000);
    } catch (error) {
      await process.stop();
      throw error;
    }
    const headers = {
      authorization: 'Bearer sk-bench',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1`,
    };
    return { process, port, headers, stop: () => process.stop() };
  },
};
