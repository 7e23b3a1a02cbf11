/**
 * The server: one HTTP listener, accounts with their limits, the log, the controls, and the exchange that wires write
 * to. Knows wires, faults and recordings by their entrances only, and no provider by name. Begin with
 * `handle-request.ts`; `simulator.ts` puts the parts together.
 */
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createEngine } from '../engine/index.ts';
import { createFaultBook } from '../faults/index.ts';
import type { FaultPlan } from '../faults/index.ts';
import { createIdentity } from '../identity/index.ts';
import { openRecordings } from '../recordings/index.ts';
import type { RecordingProgress } from '../recordings/index.ts';
import { createAccounts } from './accounts.ts';
import { createCloud } from './cloud.ts';
import type { Cloud } from './cloud.ts';
import type { SimulatedAccount } from './accounts.ts';
import { CONTROL_PREFIX, handleControl } from './control-routes.ts';
import { openGate } from './gate.ts';
import type { Gate } from './gate.ts';
import { handleRequest } from './handle-request.ts';
import type { World } from './handle-request.ts';
import { createRequestLog } from './request-log.ts';
import type { RequestEntry, RequestTotals } from './request-log.ts';

export interface SimulatorOptions {
  /** 0 takes any free port. */
  readonly port?: number;
  readonly host?: string;
  /** Everything that is drawn or signed follows from it. */
  readonly seed?: string;
  /** Milliseconds per token frame; 0 is full speed. */
  readonly pace?: number;
  /** Folder of recorded exchanges. */
  readonly recordings?: string;
  readonly onRecordingsProgress?: (progress: RecordingProgress) => void;
  readonly accounts?: readonly SimulatedAccount[];
  /** For every account that has no plan of its own. */
  readonly faults?: FaultPlan;
  /** How long a cloud's tokens live; 3,599 seconds by default, as theirs do. */
  readonly tokenLifetimeS?: number;
  /** Deployments of the simulated Azure resource, by name; a model's own name always works. */
  readonly deployments?: Readonly<Record<string, string>>;
  /** Milliseconds since 1970; limits and cache lifetimes follow it. */
  readonly now?: () => number;
}

export interface SimulatorStats extends RequestTotals {
  readonly openStreams: number;
}

export interface Controls {
  setFaults(plan: FaultPlan, account?: string): void;
  clearFaults(): void;
  faultPlans(): Readonly<Record<string, FaultPlan>>;
  refuseConnections(ms: number): void;
  /** Forgets the log, the cached prefixes, the limits used so far, the faults and the place in the recordings. */
  reset(): void;
  stats(): SimulatorStats;
  requests(): readonly RequestEntry[];
}

export interface Simulator {
  readonly url: string;
  readonly port: number;
  /** The last 1,000 requests, oldest first. */
  readonly requests: readonly RequestEntry[];
  readonly control: Controls;
  readonly cloud: Cloud;
  openStreams(): number;
  close(): Promise<void>;
}

const KEEP_ALIVE_MS = 120_000;
const TOKEN_LIFETIME_S = 3599;

/** Rejects when the port is taken or the recordings cannot be read. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  if (options.recordings !== undefined) await requireFolder(options.recordings);
  const host = options.host ?? '127.0.0.1';
  const opened: { gate?: Gate } = {};
  const refuseConnections = (ms: number): void => opened.gate?.refuseFor(ms);
  const world = createWorld(options, refuseConnections);
  const control = createControls(world, options);
  const http = createServer((request, response) => void handle(world, control, { request, response }));
  // Longer than any pause of a client between two calls: an idle connection must not close under its next request.
  http.keepAliveTimeout = KEEP_ALIVE_MS;
  const gate = await openGate(http, { port: options.port ?? 0, host });
  opened.gate = gate;
  const { port } = gate;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url,
    port,
    requests: world.log.entries,
    control,
    cloud: createCloud(world.identity, url),
    openStreams: () => world.streams.open,
    close: () => gate.close(),
  };
}

async function requireFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new Error(`The recordings folder ${folder} cannot be read.`, { cause });
  });
  if (!names.some((name) => name.endsWith('.jsonl')))
    throw new Error(`There is no .jsonl file in ${folder}.`);
}

function createWorld(options: SimulatorOptions, refuseConnections: (ms: number) => void): World {
  const seed = options.seed ?? 'simulator';
  const now = options.now ?? Date.now;
  let requestNumber = 0;
  const folder = options.recordings;
  const identity = createIdentity({ now, tokenLifetimeS: options.tokenLifetimeS ?? TOKEN_LIFETIME_S });
  return {
    seed,
    now,
    paceMs: options.pace ?? 0,
    engine: createEngine({ seed, now }),
    identity,
    deployments: options.deployments ?? {},
    accounts: createAccounts(options.accounts ?? [], now, identity.tokens),
    faults: createFaultBook(seed),
    log: createRequestLog(),
    recordings:
      folder === undefined ? undefined : openRecordings(folder, options.onRecordingsProgress ?? (() => {})),
    streams: { open: 0 },
    refuseConnections,
    nextRequestNumber: () => (requestNumber += 1),
  };
}

function createControls(world: World, options: SimulatorOptions): Controls {
  const plan = (): void => {
    world.faults.clear();
    if (options.faults !== undefined) world.faults.setPlan(options.faults);
    for (const account of options.accounts ?? []) {
      if (account.faults !== undefined) world.faults.setPlan(account.faults, account.label ?? account.key);
    }
  };
  plan();
  return {
    setFaults: (plan, account) => world.faults.setPlan(plan, account),
    clearFaults: () => world.faults.clear(),
    faultPlans: () => world.faults.plans(),
    refuseConnections: world.refuseConnections,
    reset() {
      plan();
      world.log.clear();
      world.engine.reset();
      world.accounts.reset();
      world.recordings?.reset();
    },
    stats: () => ({ ...world.log.totals(), openStreams: world.streams.open }),
    requests: () => world.log.entries,
  };
}

async function handle(
  world: World,
  controls: Controls,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  try {
    const isControl = request.url?.startsWith(CONTROL_PREFIX) === true;
    await (isControl ? handleControl(controls, request, response) : handleRequest(world, request, response));
  } catch (error) {
    const message = error instanceof Error ? error.message : 'unknown failure';
    if (response.headersSent || response.closed) return void response.destroy();
    response.writeHead(500, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ error: { message: `The simulator failed: ${message}`, type: 'simulator_failure' } }),
    );
  }
}
