import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startSimulator } from '@qingzhou/simulator';
import type { Workspace } from '../app.ts';
import type { Config } from '../config/load-config.ts';
import { addAccount } from '../control/add-account.ts';
import { lockFolder } from './workspace-command.ts';

export interface Demo {
  close(): Promise<void>;
}

const paceMsPerToken = 15;

/** The demo keeps to a folder of its own and begins afresh each time, so that it can never touch real books. */
export function demoConfig(config: Config): Config {
  const dataDir = join(config.dataDir, 'demo');
  if (existsSync(dataDir)) {
    lockFolder(dataDir)();
    rmSync(dataDir, { recursive: true, force: true });
  }
  return { ...config, dataDir, environmentAccounts: [] };
}

/** Starts the simulator in this process and connects one account of each kind to it. */
export async function connectDemo(workspace: Workspace): Promise<Demo> {
  const simulator = await startSimulator({ pace: paceMsPerToken });
  const { store, ids, now, secretBox } = workspace;
  const accounts = [
    {
      name: 'demo-anthropic',
      kind: 'anthropic',
      credential: 'sk-ant-demo-0000000000',
      baseUrl: simulator.url,
    },
    { name: 'demo-openai', kind: 'openai', credential: 'sk-demo-0000000000', baseUrl: `${simulator.url}/v1` },
    {
      name: 'demo-gemini',
      kind: 'gemini',
      credential: 'AIzaDemo000000000000000000000000000000',
      baseUrl: simulator.url,
    },
  ];
  for (const account of accounts) await addAccount({ store, ids, now, box: secretBox }, account);
  return { close: () => simulator.close() };
}
