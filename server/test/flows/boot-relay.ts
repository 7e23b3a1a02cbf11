/**
 * Flows: the whole relay over real sockets, with a real database, the strict simulator and the clients people use. Nothing of
 * ours is replaced; what fails here would fail for a user. Begin with `bootRelay` (in this process) and
 * `relay-process.ts` (as a process of its own).
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator, type Simulator, type SimulatorOptions } from '@qingzhou/simulator';
import { createApp, openWorkspace, type App, type Workspace } from '../../src/app.ts';
import { loadConfig, type Config } from '../../src/config/load-config.ts';
import { addAccount, type NewAccount } from '../../src/control/add-account.ts';
import { mintKey, type NewKey } from '../../src/control/mint-key.ts';
import type { Observation } from '../../src/observe/observation.ts';

/** A whole relay over real sockets, with a real database and simulated upstreams. */
export interface BootedRelay {
  readonly url: string;
  /** A key without limits. */
  readonly key: string;
  readonly simulator: Simulator;
  readonly workspace: Workspace;
  readonly app: App;
  readonly dataDir: string;
  readonly observations: readonly Observation[];
  newKey(wish?: Partial<NewKey>): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface BootOptions {
  /** Environment variables of the relay, e.g. `QINGZHOU_IDLE_TIMEOUT`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly simulator?: SimulatorOptions;
  /** Accounts to connect; one of each kind at the simulator when absent. */
  readonly accounts?: (simulatorUrl: string, simulator: Simulator) => readonly NewAccount[];
}

/** One account of each kind, at a simulator. */
function simulatedAccounts(url: string): readonly NewAccount[] {
  return [
    { name: 'anthropic', kind: 'anthropic', credential: 'sk-ant-test-0000000000', baseUrl: url },
    { name: 'openai', kind: 'openai', credential: 'sk-test-0000000000', baseUrl: `${url}/v1` },
    { name: 'gemini', kind: 'gemini', credential: 'AIzaTest000000000000000000000000000000', baseUrl: url },
  ];
}

export async function bootRelay(options: BootOptions = {}): Promise<BootedRelay> {
  const simulator = await startSimulator(options.simulator ?? {});
  const dataDir = mkdtempSync(join(tmpdir(), 'qingzhou-test-'));
  const workspace = await openWorkspace(testConfig(dataDir, options.env ?? {}));
  const { store, ids, now, secretBox, hashKey, organizationId } = workspace;
  for (const account of (options.accounts ?? simulatedAccounts)(simulator.url, simulator)) {
    await addAccount({ store, ids, now, box: secretBox }, account);
  }
  const newKey = async (wish: Partial<NewKey> = {}): Promise<string> => {
    const minted = await mintKey(
      { store, ids, now, hashKey, randomBytes },
      { organizationId, name: 'test', ...wish },
    );
    return minted.key;
  };
  const key = await newKey();
  const observations: Observation[] = [];
  const app = await createApp(workspace, (observation) => observations.push(observation));
  const { server } = app.data;
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    key,
    simulator,
    workspace,
    app,
    dataDir,
    observations,
    newKey,
    async [Symbol.asyncDispose]() {
      server.close();
      await app.close(2_000);
      await workspace.close();
      await simulator.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function testConfig(dataDir: string, env: Readonly<Record<string, string>>): Config {
  return loadConfig({
    env: { QINGZHOU_DATA_DIR: dataDir, ...env },
    readFile: () => undefined,
    cwd: dataDir,
  });
}
