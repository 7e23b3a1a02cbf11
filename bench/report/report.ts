/**
 * The result as people and programs read it: goals, ratios, table, picture, saved JSON.
 * Starts nothing and measures nothing; it is given what a run found. Begin here, with `createReport`.
 */
import { measures, type Figures, type MeasureId } from '../measures/measure-ids.ts';
import type { Plan } from '../plan.ts';
import type { RunResult, TargetResult } from '../run.ts';
import type { Disturbance } from './disturbance.ts';
import { judgeGoals, type GoalResult } from './goals.ts';
import type { Machine } from './machine.ts';

/** The saved result: everything that is printed, and the single rounds behind the medians. */
export interface Report {
  readonly schema: 1;
  readonly startedAt: string;
  readonly elapsedSeconds: number;
  readonly machine: Machine;
  readonly disturbance: Disturbance;
  readonly plan: Plan;
  readonly measures: typeof measures;
  readonly targets: readonly TargetResult[];
  /** Each target's figures as multiples of the named one's. */
  readonly ratios: Readonly<Record<'nginx' | 'portkey', Readonly<Record<string, Figures>>>>;
  readonly goals: readonly GoalResult[];
  readonly leftOut: RunResult['leftOut'];
  readonly complaints: readonly string[];
}

export interface ReportFacts {
  readonly startedAt: Date;
  readonly elapsedSeconds: number;
  readonly plan: Plan;
  readonly machine: Machine;
  readonly disturbance: Disturbance;
}

const COMPARED: readonly MeasureId[] = [
  'unaryCpu',
  'largeBodyCpu',
  'frameCpu',
  'fullSpeedFrameCpu',
  'unaryPerSecond',
  'streamMemory',
];

export function ratiosTo(name: string, targets: readonly TargetResult[]): Record<string, Figures> {
  const base = targets.find((target) => target.name === name)?.medians;
  if (base === undefined) return {};
  return Object.fromEntries(
    targets
      .filter((target) => target.name !== name && target.name !== 'direct')
      .map((target) => {
        const ratios: Figures = {};
        for (const id of COMPARED) {
          const own = target.medians[id];
          const other = base[id];
          if (own !== undefined && other !== undefined && other > 0) ratios[id] = own / other;
        }
        return [target.name, ratios];
      }),
  );
}

const SATURATED_PERCENT = 95;
const QUIET_PERCENT = 5;

/** What a careful reader should know before believing the figures. */
function doubts(result: RunResult, { disturbance, machine }: ReportFacts): string[] {
  const { otherPrograms, otherMachines } = disturbance;
  const found: string[] = [];
  if (machine.unpinned !== null) found.push(`not pinned (${machine.unpinned}): the figures are rough`);
  if (otherPrograms > QUIET_PERCENT)
    found.push(`other programs used ${otherPrograms} % of the machine: run it again when quiet`);
  if (otherMachines > QUIET_PERCENT)
    found.push(`the host took ${otherMachines} % of the machine: run it again when quiet`);
  for (const { name, medians } of result.targets) {
    const share = medians.unaryCoreShare;
    if (share === undefined || share >= SATURATED_PERCENT) continue;
    const text = `${name}: used ${Math.round(share)} % of its core for unary calls, what is around it was its limit;`;
    found.push(`${text} its calls per second are a lower bound and its CPU per call holds some waking up`);
  }
  return found;
}

export function createReport(result: RunResult, facts: ReportFacts): Report {
  const byName = Object.fromEntries(result.targets.map((target) => [target.name, target.medians]));
  return {
    schema: 1,
    startedAt: facts.startedAt.toISOString(),
    elapsedSeconds: facts.elapsedSeconds,
    machine: facts.machine,
    disturbance: facts.disturbance,
    plan: facts.plan,
    measures,
    targets: result.targets,
    ratios: { nginx: ratiosTo('nginx', result.targets), portkey: ratiosTo('portkey', result.targets) },
    goals: judgeGoals(byName['qingzhou'], byName),
    leftOut: result.leftOut,
    complaints: [...result.complaints, ...doubts(result, facts)],
  };
}
