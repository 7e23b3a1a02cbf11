/**
 * Clients: the coding tools people use, as they are published, each through a whole task on models of every vendor. The
 * model is the strict simulator and follows the script in the prompt; between both stands the whole relay. Knows
 * nothing of a tool but what its own file says. Begin with `openBench`; the task is in `task.ts`, versions in
 * `client-packages.ts`.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CallRecord } from '../../src/ledger/call-record.ts';
import { bootRelay, type BootOptions, type BootedRelay } from '../flows/boot-relay.ts';
import type { ClientName } from './client-packages.ts';
import { installClient, type InstalledClient } from './install-client.ts';
import { runClient, writeFiles, type ClientRun } from './run-client.ts';
import { openWayOut } from './way-out.ts';

const CALLS_KEPT = 1_000;
const RUN_LIMIT_MS = 120_000;

/** A relay, a client and folders of their own for each run. */
export interface Bench {
  readonly relay: BootedRelay;
  readonly client: InstalledClient;
  run(wish: ClientWish): Promise<FinishedRun>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ClientWish {
  readonly args: (place: Place) => readonly string[];
  /** What is typed into it. */
  readonly input?: (place: Place) => string;
  readonly env?: (place: Place) => Readonly<Record<string, string>>;
  /** Settings, below the home folder. */
  readonly homeFiles?: (place: Place) => Readonly<Record<string, string>>;
  readonly projectFiles: Readonly<Record<string, string>>;
  /** A place of an earlier run, to go on there. */
  readonly place?: Place;
}

export interface Place {
  readonly home: string;
  readonly project: string;
}

export interface FinishedRun extends ClientRun {
  readonly place: Place;
  /** What the relay has in its books of this run, oldest first. */
  readonly calls: readonly CallRecord[];
  /** Hosts beyond loopback the client wanted to reach. */
  readonly strangers: readonly string[];
}

/** Some clients keep away from what lies in the folder for temporary files, so that is a folder of its own. */
function scratchOf(place: Place): string {
  return join(dirname(place.home), 'scratch');
}

export async function openBench(name: ClientName, options: BootOptions = {}): Promise<Bench> {
  const client = await installClient(name);
  const relay = await bootRelay(options);
  const wayOut = await openWayOut();
  const folders: string[] = [];
  const makePlace = (): Place => {
    const folder = mkdtempSync(join(tmpdir(), 'qingzhou-client-'));
    folders.push(folder);
    const place = { home: join(folder, 'home'), project: join(folder, 'project') };
    for (const path of [place.home, place.project, scratchOf(place)]) mkdirSync(path);
    return place;
  };
  const booked = async (): Promise<readonly CallRecord[]> =>
    (await relay.workspace.store.recentCalls(relay.workspace.organizationId, CALLS_KEPT)).toReversed();
  return {
    relay,
    client,
    async run(wish) {
      if (!client.isReady) throw new Error(client.reason);
      const place = wish.place ?? makePlace();
      writeFiles(place.home, wish.homeFiles?.(place) ?? {});
      writeFiles(place.project, wish.projectFiles);
      const before = (await booked()).length;
      wayOut.hosts.clear();
      const ran = await runClient({
        executable: client.executable,
        args: wish.args(place),
        input: wish.input?.(place) ?? '',
        env: {
          PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
          HOME: place.home,
          TMPDIR: scratchOf(place),
          LANG: 'C.UTF-8',
          TERM: 'dumb',
          ...wayOut.env,
          ...wish.env?.(place),
        },
        cwd: place.project,
        limitMs: RUN_LIMIT_MS,
      });
      const calls = (await booked()).slice(before);
      return { ...ran, place, calls, strangers: [...wayOut.hosts] };
    },
    async [Symbol.asyncDispose]() {
      await relay[Symbol.asyncDispose]();
      wayOut.close();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
}
