/** Starts load, upstream and one target at a time, and takes every figure of the plan. */
import { median } from './load/percentiles.ts';
import type { LoadJob, LoadReport } from './load/load-job.ts';
import { measures, type Figures, type MeasureId } from './measures/measure-ids.ts';
import { measureAborts, measureMemory, measureStalled } from './measures/open-streams.ts';
import { runSeries, warmUp } from './measures/series.ts';
import { pause, type Scene } from './measures/scene.ts';
import type { Plan } from './plan.ts';
import { linkJobs } from './processes/job-link.ts';
import { startPinned, type PinnedProcess } from './processes/pinned-process.ts';
import type { Target } from './targets/target.ts';
import type { UpstreamJob, UpstreamReport } from './upstream/upstream-job.ts';

export interface TargetResult {
  readonly name: string;
  readonly version: string;
  readonly medians: Figures;
  readonly rounds: readonly Figures[];
}

export interface RunResult {
  readonly targets: readonly TargetResult[];
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
  readonly complaints: readonly string[];
}

export interface RunOptions {
  readonly plan: Plan;
  readonly targets: readonly Target[];
  readonly isQuick: boolean;
  readonly progress: (text: string) => void;
}

type Part = (scene: Scene) => Promise<Figures>;

interface Stage {
  readonly scene: Omit<Scene, 'target' | 'complain'>;
  readonly upstreamPort: number;
  readonly processes: readonly PinnedProcess[];
}

async function startStage(): Promise<Stage> {
  const start = (file: string): PinnedProcess => {
    const args = [new URL(file, import.meta.url).pathname];
    return startPinned(process.execPath, { core: 1, args, hasChannel: true });
  };
  const loadProcess = start('./load/load-process.ts');
  const upstreamProcess = start('./upstream/upstream-process.ts');
  const load = linkJobs<LoadJob, LoadReport>(loadProcess.child, 'load generator');
  const upstream = linkJobs<UpstreamJob, UpstreamReport>(upstreamProcess.child, 'mock upstream');
  const { port } = await upstream.ask({ kind: 'start' }, 10_000);
  return { scene: { load, upstream }, upstreamPort: port, processes: [loadProcess, upstreamProcess] };
}

/** Added latency is taken within a round, so that a slow minute of the machine is in both sides. */
export function withAdded(figures: Figures, directFigures: Figures | undefined): Figures {
  const added: Figures = { ...figures };
  const pairs: readonly (readonly [MeasureId, MeasureId])[] = [
    ['addedUnaryP50', 'unaryP50'],
    ['addedUnaryP99', 'unaryP99'],
    ['addedFirstByteP50', 'firstByteP50'],
    ['addedFirstByteP99', 'firstByteP99'],
  ];
  for (const [addedId, id] of pairs) {
    const through = figures[id];
    const without = directFigures?.[id];
    if (through !== undefined && without !== undefined) added[addedId] = through - without;
  }
  return added;
}

export function mediansOf(rounds: readonly Figures[]): Figures {
  const medians: Figures = {};
  for (const id of Object.keys(measures) as MeasureId[]) {
    const values = rounds.map((round) => round[id]).filter((value) => value !== undefined);
    if (values.length > 0) medians[id] = median(values);
  }
  return medians;
}

/**
 * Direct stands first in every round: the others are compared with it. The order of the rest is turned round, but
 * begins with the relay, so that it is the others that lose when the time is up.
 */
export function orderOf(targets: readonly Target[], round: number): Target[] {
  const rest = targets.filter((target) => target.name !== 'direct');
  const first = targets.filter((target) => target.name === 'direct');
  const subjectFirst = rest.toSorted((a, b) => Number(b.isSubject) - Number(a.isSubject));
  return [...first, ...(round % 2 === 0 ? subjectFirst : subjectFirst.toReversed())];
}

function createRunner(options: RunOptions, stage: Stage, complaints: Set<string>) {
  const endsAt = performance.now() + options.plan.budgetMs;
  const mayGoOn = (): boolean => performance.now() < endsAt;
  const runPart = async (target: Target, title: string, part: Part): Promise<Figures> => {
    if (!mayGoOn()) {
      complaints.add(`${target.name}: ${title} left out, the time was up`);
      return {};
    }
    options.progress(`${target.name}: ${title}`);
    try {
      const running = await target.start(stage.upstreamPort);
      try {
        const complain = (text: string): unknown => complaints.add(`${target.name}: ${text}`);
        return await part({ ...stage.scene, target: running, complain });
      } finally {
        await running.stop();
        await pause(50);
      }
    } catch (error) {
      complaints.add(
        `${target.name}: ${title} failed: ${error instanceof Error ? error.message : String(error)}`,
      );
      return {};
    }
  };
  return { mayGoOn, runPart };
}

type Runner = ReturnType<typeof createRunner>;

async function runRounds(options: RunOptions, runner: Runner): Promise<Map<string, Figures[]>> {
  const { plan } = options;
  const rounds = new Map<string, Figures[]>(options.targets.map((target) => [target.name, []]));
  for (let round = 0; round < plan.rounds; round += 1) {
    let directFigures: Figures | undefined;
    for (const target of orderOf(options.targets, round)) {
      const title = `round ${round + 1} of ${plan.rounds}`;
      const figures = await runner.runPart(target, title, async (scene) => {
        await warmUp(scene, plan);
        return runSeries(scene, plan, runner.mayGoOn);
      });
      if (target.name === 'direct') directFigures = figures;
      rounds.get(target.name)?.push(target.name === 'direct' ? figures : withAdded(figures, directFigures));
    }
  }
  return rounds;
}

async function runOpenStreams(target: Target, options: RunOptions, runner: Runner): Promise<Figures> {
  const { plan } = options;
  const lightly = { ...plan, warmUpMs: Math.min(plan.warmUpMs, 900) };
  const after =
    (part: Part): Part =>
    async (scene) => {
      await warmUp(scene, lightly);
      return part(scene);
    };
  const { stalledMs } = plan;
  return {
    ...(await runner.runPart(
      target,
      'open streams',
      after((scene) => measureMemory(scene, plan)),
    )),
    ...(await runner.runPart(
      target,
      'clients that leave',
      after((scene) => measureAborts(scene, plan)),
    )),
    ...(stalledMs === null
      ? {}
      : await runner.runPart(
          target,
          'clients that do not read',
          after((scene) => measureStalled(scene, stalledMs)),
        )),
  };
}

export async function runBench(options: RunOptions): Promise<RunResult> {
  const leftOut: { name: string; reason: string }[] = [];
  const targets: Target[] = [];
  for (const target of options.targets) {
    options.progress(`${target.name}: preparing`);
    const reason = await target.prepare({ mayInstall: !options.isQuick });
    if (reason === null) targets.push(target);
    else leftOut.push({ name: target.name, reason });
  }
  const stage = await startStage();
  try {
    const complaints = new Set<string>();
    const runner = createRunner(options, stage, complaints);
    const open = new Map<string, Figures>();
    for (const target of orderOf(targets, 0)) {
      const isWorthIt = options.isQuick ? target.isSubject : target.name !== 'direct';
      if (isWorthIt) open.set(target.name, await runOpenStreams(target, options, runner));
    }
    const rounds = await runRounds({ ...options, targets }, runner);
    const results = targets.map((target): TargetResult => {
      const own = rounds.get(target.name) ?? [];
      const medians = { ...mediansOf(own), ...open.get(target.name) };
      return { name: target.name, version: target.version(), medians, rounds: own };
    });
    return { targets: results, leftOut, complaints: [...complaints] };
  } finally {
    await Promise.all(stage.processes.map((process) => process.stop()));
  }
}
