import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createApp, type App, type Workspace } from '../app.ts';
import { loadProcessConfig, type Config } from '../config/load-config.ts';
import { addAccount } from '../control/add-account.ts';
import { mintKey } from '../control/mint-key.ts';
import { createLog } from '../observe/log.ts';
import type { Observe } from '../observe/observation.ts';
import { createLineWriter } from '../platform/line-writer.ts';
import { bannerLines } from './banner.ts';
import { CommandFailure } from './command-failure.ts';
import type { Demo } from './demo.ts';
import type { Output } from './output.ts';
import { lockFolder, openFolder } from './workspace-command.ts';

export interface StartFlags {
  readonly demo?: boolean;
  readonly host?: string;
  readonly port?: string;
}

/** Runs the relay until it is told to stop. Returns the exit code. */
export async function startCommand(flags: StartFlags, output: Output): Promise<number> {
  // The simulator is loaded for the demo alone: other starts and commands need not wait for it.
  const demoKit = flags.demo === true ? await import('./demo.ts') : undefined;
  const real = configOf(flags);
  const config = demoKit === undefined ? real : demoKit.demoConfig(real);
  const lines = createLineWriter((text) => process.stderr.write(text));
  const observe = createLog({
    level: config.log.level,
    format: config.log.format === 'auto' ? (process.stderr.isTTY ? 'text' : 'json') : config.log.format,
    now: () => new Date(),
    write: lines.write,
  });
  const workspace = await openFolder(config);
  let unlock: (() => void) | undefined;
  let demo: Demo | undefined;
  try {
    unlock = lockFolder(config.dataDir);
    demo = await demoKit?.connectDemo(workspace);
    await connectEnvironmentAccounts(workspace);
    const app = await createApp(workspace, observe);
    const url = await listen(app, config);
    // Only now: a key made before a start that fails would never have been shown.
    const key = await firstKey(workspace);
    if (key !== undefined) await app.reload();
    // Before anything is told: whoever reads it may tell us to stop at once.
    const stopped = stopSignal();
    announce({ url, key, app, config, isDemo: demo !== undefined }, output);
    observe({
      type: 'server-listening',
      ...config.http,
      port: Number(new URL(url).port),
      node: process.version,
    });
    await stopped;
    await stop(app, config, observe);
  } finally {
    await demo?.close();
    await workspace.close();
    unlock?.();
    lines.flush();
  }
  return 0;
}

function configOf(flags: StartFlags): Config {
  return loadProcessConfig({
    ...(flags.host === undefined ? {} : { QINGZHOU_HOST: flags.host }),
    ...(flags.port === undefined ? {} : { QINGZHOU_PORT: flags.port }),
  });
}

/** Provider keys found in the environment become accounts once; removing such an account does not bring it back. */
async function connectEnvironmentAccounts(workspace: Workspace): Promise<void> {
  const { store, ids, now, secretBox } = workspace;
  for (const { kind, credential } of workspace.config.environmentAccounts) {
    const mark = `environment-account.${kind}`;
    if ((await store.setting(mark)) !== undefined) continue;
    const accounts = await store.loadAccounts();
    if (!accounts.some((account) => account.kind === kind)) {
      await addAccount({ store, ids, now, box: secretBox }, { name: kind, kind, credential });
    }
    await store.putSetting(mark, 'connected');
  }
}

/** The first relay key of an installation, to be shown once; `undefined` when there was one already. */
async function firstKey(workspace: Workspace): Promise<string | undefined> {
  const { store, ids, now, hashKey, organizationId } = workspace;
  if ((await store.listKeys(organizationId)).length > 0) return undefined;
  const { key } = await mintKey({ store, ids, now, hashKey, randomBytes }, { organizationId, name: 'first' });
  return key;
}

function listen(app: App, config: Config): Promise<string> {
  const { host, port } = config.http;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const { server } = app.data;
  server.once('error', (error: NodeJS.ErrnoException) => reject(listenFailure(error, { host, port })));
  server.listen({ host, port, backlog: 16_384 }, () => {
    const address = server.address() as AddressInfo;
    const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    resolve(`http://${shown}:${address.port}`);
  });
  return promise;
}

function listenFailure(error: NodeJS.ErrnoException, place: { host: string; port: number }): Error {
  const where = `${place.host}:${place.port}`;
  const noSuchAddress = `This machine has no address "${place.host}". Set QINGZHOU_HOST to one it has, or 0.0.0.0.`;
  const sentences: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${place.port} is in use. Stop what uses it, or choose another: QINGZHOU_PORT=8788.`,
    EACCES: `This user may not listen on ${where}. Choose a port above 1024.`,
    EADDRNOTAVAIL: noSuchAddress,
    ENOTFOUND: noSuchAddress,
  };
  const code = error.code ?? error.name;
  return new CommandFailure(sentences[code] ?? `The relay cannot listen on ${where} (${code}).`);
}

function announce(
  state: { url: string; key: string | undefined; app: App; config: Config; isDemo: boolean },
  output: Output,
): void {
  const { url, key, app, isDemo } = state;
  if (output.isJson) {
    output.json({
      url,
      base_url: `${url}/v1`,
      key: key ?? null,
      demo: isDemo,
      accounts: app.accounts,
      pid: process.pid,
    });
    return;
  }
  for (const line of bannerLines({
    url,
    key,
    accounts: app.accounts,
    isDemo,
    dataDir: state.config.dataDir,
  })) {
    output.line(line);
  }
}

/** Resolves on the first signal to stop; a second one ends the process at once. */
function stopSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const onSignal = (): void => {
    process.once('SIGINT', () => process.exit(130));
    process.once('SIGTERM', () => process.exit(143));
    resolve();
  };
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  return promise;
}

async function stop(app: App, config: Config, observe: Observe): Promise<void> {
  observe({ type: 'server-draining', openCalls: app.data.openCalls() });
  app.data.server.close();
  app.data.server.closeIdleConnections();
  await app.close(config.shutdown.graceMs);
  observe({ type: 'server-stopped' });
}
