import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadJob, LoadReport } from '../load/load-job.ts';
import { requestTo } from '../measures/request.ts';
import type { UpstreamJob, UpstreamReport } from '../upstream/upstream-job.ts';
import { linkJobs } from './job-link.ts';
import { startPinned } from './pinned-process.ts';

const start = (file: string) =>
  startPinned(process.execPath, {
    core: 1,
    args: [new URL(file, import.meta.url).pathname],
    hasChannel: true,
  });

test('load and upstream run as processes of their own, count every frame and see a cancelled stream', async () => {
  const loadProcess = start('../load/load-process.ts');
  const upstreamProcess = start('../upstream/upstream-process.ts');
  try {
    const load = linkJobs<LoadJob, LoadReport>(loadProcess.child, 'load');
    const upstream = linkJobs<UpstreamJob, UpstreamReport>(upstreamProcess.child, 'upstream');
    const { port } = await upstream.ask({ kind: 'start' }, 10_000);
    const target = { process: null, port, headers: {}, stop: () => Promise.resolve() };
    const aim = (mode: string) => ({
      address: { host: '127.0.0.1', port },
      request: requestTo(target, { mode, bodyBytes: 2_048 }),
    });
    const streams = await load.ask(
      { kind: 'streams', ...aim('mock-sse-5-1'), streams: 3, spreadMs: 0, deadlineMs: 5_000 },
      10_000,
    );
    assert.deepEqual([streams.completed, streams.failed, streams.frames], [3, 0, 3 * (5 + 4)]);

    const fullSpeed = await load.ask(
      { kind: 'streams', ...aim('mock-sse-3000-0'), streams: 2, spreadMs: 0, deadlineMs: 5_000 },
      10_000,
    );
    assert.deepEqual([fullSpeed.completed, fullSpeed.frames], [2, 2 * 3_004]);

    const paced = await load.ask(
      { kind: 'open-loop', ...aim('mock-json-1024'), perSecond: 500, durationMs: 100, mark: 'last-byte' },
      10_000,
    );
    assert.deepEqual([paced.completed, paced.failed, paced.latenciesMicros.length], [50, 0, 50]);

    const unknown = await load.ask(
      { kind: 'closed-loop', ...aim('mock-x'), connections: 1, durationMs: 5_000 },
      20_000,
    );
    assert.equal(unknown.completed, 0);
    assert.match(unknown.firstFailure ?? '', /^404 .*unknown mode/);

    const hold = {
      kind: 'hold',
      ...aim('mock-sse-1000-20'),
      streams: 4,
      spreadMs: 0,
      deadlineMs: 5_000,
    } as const;
    assert.equal((await load.ask({ ...hold, isReading: true }, 10_000)).completed, 4);
    assert.equal((await upstream.ask({ kind: 'stats' }, 5_000)).openStreams, 4);
    await load.ask({ kind: 'drop' }, 5_000);
    const giveUpAt = Date.now() + 5_000;
    let openStreams = 4;
    while (openStreams > 0 && Date.now() < giveUpAt)
      ({ openStreams } = await upstream.ask({ kind: 'stats' }, 5_000));
    assert.equal(openStreams, 0);
  } finally {
    await Promise.all([loadProcess.stop(), upstreamProcess.stop()]);
  }
  assert.notEqual(loadProcess.child.exitCode ?? loadProcess.child.signalCode, null);
});
