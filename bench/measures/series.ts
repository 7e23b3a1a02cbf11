/**
 * One round of one target: CPU at saturation and per frame, then latency at a fixed rate.
 * Knows nothing about which target it is; begin with `runSeries`.
 */
import { percentile } from '../load/percentiles.ts';
import type { Plan } from '../plan.ts';
import type { Figures } from './measure-ids.ts';
import { requestTo } from './request.ts';
import { runCounted, runLoad, type Scene } from './scene.ts';

const SMALL_BODY = 2_048;
const LARGE_BODY = 102_400;
const UNARY = 'mock-json-1024';
const UNARY_CONNECTIONS = 32;
const LARGE_CONNECTIONS = 16;
const STREAMS = 200;
const PACE_MS = 20;
const FULL_SPEED_CONNECTIONS = 16;
const FULL_SPEED = 'mock-sse-1000-0';
const PER_SECOND = 1_000;
/** Three deltas, so that a thousand streams begin each second without frames being the load. */
const SHORT_STREAM = 'mock-sse-3-5';

type Aim = { readonly address: { readonly host: string; readonly port: number }; readonly request: string };

function aim(scene: Scene, mode: string, bodyBytes = SMALL_BODY): Aim {
  const { target } = scene;
  return {
    address: { host: '127.0.0.1', port: target.port },
    request: requestTo(target, { mode, bodyBytes }),
  };
}

/** Compilers and pools of the target (and of the load) get warm on the same kinds of call. */
export async function warmUp(scene: Scene, plan: Plan): Promise<void> {
  const durationMs = Math.round(plan.warmUpMs / 3);
  const jobs = [
    { ...aim(scene, UNARY), connections: UNARY_CONNECTIONS },
    { ...aim(scene, UNARY, LARGE_BODY), connections: LARGE_CONNECTIONS },
    { ...aim(scene, 'mock-sse-20-5'), connections: 64 },
  ];
  for (const job of jobs) await runLoad(scene, 'warm-up', { kind: 'closed-loop', durationMs, ...job });
}

async function unarySaturation(scene: Scene, plan: Plan): Promise<Figures> {
  const job = { kind: 'closed-loop', ...aim(scene, UNARY), connections: UNARY_CONNECTIONS } as const;
  const run = await runCounted(scene, 'unary calls', { ...job, durationMs: plan.unaryMs });
  if (run.completed === 0) return {};
  return {
    unaryPerSecond: (run.completed / run.elapsedMs) * 1000,
    unaryCpu: run.cpuMicros / run.completed,
    unaryCoreShare: run.cpuMicros / run.elapsedMs / 10,
  };
}

async function largeBody(scene: Scene, plan: Plan): Promise<Figures> {
  const job = {
    kind: 'closed-loop',
    ...aim(scene, UNARY, LARGE_BODY),
    connections: LARGE_CONNECTIONS,
  } as const;
  const run = await runCounted(scene, '100 KB bodies', { ...job, durationMs: plan.largeBodyMs });
  return run.completed === 0 ? {} : { largeBodyCpu: run.cpuMicros / run.completed };
}

async function pacedFrames(scene: Scene, plan: Plan): Promise<Figures> {
  const run = await runCounted(scene, 'paced streams', {
    kind: 'streams',
    ...aim(scene, `mock-sse-${plan.streamChunks}-${PACE_MS}`),
    streams: STREAMS,
    // Starts that fall together would let the target treat all frames of a beat at once.
    spreadMs: 10 * PACE_MS,
    deadlineMs: plan.streamChunks * PACE_MS * 2 + 5_000,
  });
  return run.frames === 0 ? {} : { frameCpu: run.cpuMicros / run.frames };
}

async function fullSpeedFrames(scene: Scene, plan: Plan): Promise<Figures> {
  const job = {
    kind: 'closed-loop',
    ...aim(scene, FULL_SPEED),
    connections: FULL_SPEED_CONNECTIONS,
  } as const;
  const run = await runCounted(scene, 'streams at full speed', { ...job, durationMs: plan.fullSpeedMs });
  return run.frames === 0 ? {} : { fullSpeedFrameCpu: run.cpuMicros / run.frames };
}

async function unaryLatency(scene: Scene, plan: Plan): Promise<Figures> {
  const { latenciesMicros } = await runLoad(scene, 'unary calls at 1,000/s', {
    kind: 'open-loop',
    ...aim(scene, UNARY),
    perSecond: PER_SECOND,
    mark: 'last-byte',
    durationMs: plan.pacedMs,
  });
  if (latenciesMicros.length === 0) return {};
  return {
    unaryP50: percentile(latenciesMicros, 0.5) / 1000,
    unaryP99: percentile(latenciesMicros, 0.99) / 1000,
  };
}

async function firstByteLatency(scene: Scene, plan: Plan): Promise<Figures> {
  const { latenciesMicros } = await runLoad(scene, 'streams at 1,000/s', {
    kind: 'open-loop',
    ...aim(scene, SHORT_STREAM),
    perSecond: PER_SECOND,
    mark: 'first-byte',
    durationMs: plan.pacedMs,
  });
  if (latenciesMicros.length === 0) return {};
  return {
    firstByteP50: percentile(latenciesMicros, 0.5) / 1000,
    firstByteP99: percentile(latenciesMicros, 0.99) / 1000,
  };
}

/** The whole series; `mayGoOn` is asked before each part. */
export async function runSeries(scene: Scene, plan: Plan, mayGoOn: () => boolean): Promise<Figures> {
  const parts = [unarySaturation, pacedFrames, largeBody, unaryLatency, firstByteLatency, fullSpeedFrames];
  const figures: Figures = {};
  for (const [done, part] of parts.entries()) {
    if (!mayGoOn()) {
      scene.complain(`${parts.length - done} of ${parts.length} measurements left out, the time was up`);
      break;
    }
    Object.assign(figures, await part(scene, plan));
  }
  // The direct run has no process between: what it used is nobody's.
  if (scene.target.process === null) {
    for (const id of [
      'unaryCpu',
      'unaryCoreShare',
      'largeBodyCpu',
      'frameCpu',
      'fullSpeedFrameCpu',
    ] as const) {
      delete figures[id];
    }
  }
  return figures;
}
