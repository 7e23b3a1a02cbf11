/**
 * Many open streams, clients that leave, clients that do not read. Each is run on a process of its own:
 * a relay that does not cancel would take its open streams into the next part.
 */
import { openFileLimit } from '../processes/process-tree.ts';
import type { Plan } from '../plan.ts';
import type { Figures } from './measure-ids.ts';
import { requestTo } from './request.ts';
import { pause, runLoad, usageOf, type Scene } from './scene.ts';

const BODY = 2_048;
/** A relay has two sockets per stream, and files of its own. */
const FILES_PER_STREAM = 2;
const OWN_FILES = 400;
const PER_MS = 2.5;
const STEADY_MS = 1_500;
const ABORT_AFTER_MS = 100;
const ABORT_WAIT_MS = 1_000;
const POLL_MS = 2;
const STALLED_READERS = 20;
const FILL_MS = 2_000;
const ASK_MS = 5_000;

function hold(scene: Scene, options: { name: string; mode: string; streams: number; isReading: boolean }) {
  const { name, mode, streams, isReading } = options;
  const spreadMs = streams / PER_MS;
  return runLoad(scene, name, {
    kind: 'hold',
    streams,
    isReading,
    spreadMs,
    deadlineMs: spreadMs + 10_000,
    address: { host: '127.0.0.1', port: scene.target.port },
    request: requestTo(scene.target, { mode, bodyBytes: BODY }),
  });
}

const drop = (scene: Scene): Promise<unknown> => scene.load.ask({ kind: 'drop' }, ASK_MS);

async function openUpstream(scene: Scene): Promise<number> {
  return (await scene.upstream.ask({ kind: 'stats' }, ASK_MS)).openStreams;
}

/** Milliseconds until the upstream has no stream left, and how many it has when the time is up. */
async function drain(scene: Scene, waitMs: number): Promise<{ elapsedMs: number; left: number }> {
  const startedAt = performance.now();
  for (;;) {
    const left = await openUpstream(scene);
    const elapsedMs = performance.now() - startedAt;
    if (left === 0 || elapsedMs >= waitMs) return { elapsedMs, left };
    await pause(POLL_MS);
  }
}

/** Resident memory before and with every stream open and flowing, one frame a second each. */
export async function measureMemory(scene: Scene, plan: Plan): Promise<Figures> {
  const affordable = Math.floor((openFileLimit() - OWN_FILES) / FILES_PER_STREAM);
  const streams = Math.min(plan.heldStreams, affordable);
  if (streams < plan.heldStreams) {
    scene.complain(
      `open streams: only ${streams} of ${plan.heldStreams}, raise the limit of open files (ulimit -n)`,
    );
  }
  const before = usageOf(scene).rssKb;
  const report = await hold(scene, {
    name: 'open streams',
    mode: 'mock-sse-600-1000',
    streams,
    isReading: true,
  });
  await pause(STEADY_MS);
  const heldStreams = await openUpstream(scene);
  const grownKb = usageOf(scene).rssKb - before;
  await drop(scene);
  const { left } = await drain(scene, 5_000);
  if (left > 0) scene.complain(`open streams: ${left} still open upstream 5 s after the clients left`);
  if (report.completed === 0) return {};
  return {
    heldStreams: report.completed,
    streamMemory: grownKb / Math.max(1, Math.min(heldStreams, report.completed)),
  };
}

/** Clients that leave in the middle of a stream: their upstream streams must end, or they are paid for. */
export async function measureAborts(scene: Scene, plan: Plan): Promise<Figures> {
  const name = 'aborted streams';
  const streams = plan.abortedStreams;
  const report = await hold(scene, { name, mode: 'mock-sse-1000-20', streams, isReading: true });
  if (report.completed === 0) return {};
  await pause(ABORT_AFTER_MS);
  await drop(scene);
  const { elapsedMs, left } = await drain(scene, ABORT_WAIT_MS);
  return left === 0 ? { abortsLeft: 0, abortDrain: elapsedMs } : { abortsLeft: left };
}

/** Clients that never read: the relay must stop pulling, not store what the upstream has to give. */
export async function measureStalled(scene: Scene, stalledMs: number): Promise<Figures> {
  const bytesBefore = (await scene.upstream.ask({ kind: 'stats' }, ASK_MS)).bytesWritten;
  const mode = 'mock-sse-100000000-0';
  await hold(scene, { name: 'stalled readers', mode, streams: STALLED_READERS, isReading: false });
  await pause(FILL_MS);
  const filled = usageOf(scene).rssKb;
  await pause(stalledMs);
  const grownKb = usageOf(scene).rssKb - filled;
  const bytes = (await scene.upstream.ask({ kind: 'stats' }, ASK_MS)).bytesWritten - bytesBefore;
  await drop(scene);
  const { left } = await drain(scene, 3_000);
  if (left > 0)
    scene.complain(`stalled readers: ${left} streams still open upstream 3 s after the clients left`);
  return { stalledGrowth: Math.max(0, grownKb) / 1024, stalledPulled: bytes / STALLED_READERS / 1e6 };
}
