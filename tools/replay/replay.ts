import { passageOf, ruleOf, type Passage } from './families.ts';
import type { Recording, RecordingFolder } from './recording.ts';
import { codecProblems } from './through-codecs.ts';
import { replayLane, type ReplayOptions } from './through-relay.ts';
import { replayTranslated, type PairReport } from './translated/replay-translated.ts';

export interface Failure {
  readonly id: string;
  readonly family: string;
  readonly problem: string;
}

export interface LeftOut {
  readonly reason: string;
  readonly count: number;
}

/** Every recording of a family counts once under passed, failed or left out. */
export interface FamilyReport {
  readonly family: string;
  readonly passed: number;
  readonly failed: number;
  readonly leftOut: readonly LeftOut[];
  /** Recordings that also went through the codecs, those left out of the relay among them. */
  readonly throughCodecs: number;
  readonly failures: readonly Failure[];
  /** The same recordings as clients of the other protocols ask for them. */
  readonly translated: readonly PairReport[];
}

const sameAnswer = (recording: Recording): Recording => recording;

/** Replays a folder family by family, in the order of their names. */
export async function* replay(
  folder: RecordingFolder,
  options: ReplayOptions = {},
): AsyncGenerator<FamilyReport> {
  const families = new Set([...folder.recordings, ...folder.oddLines].map(({ family }) => family));
  for (const family of [...families].toSorted()) yield await replayFamily(family, folder, options);
}

async function replayFamily(
  family: string,
  folder: RecordingFolder,
  options: ReplayOptions,
): Promise<FamilyReport> {
  const recordings = folder.recordings.filter((recording) => recording.family === family);
  const problems = new Map<Recording, string[]>(recordings.map((recording) => [recording, []]));
  const reasons = new Map<string, number>();
  const leaveOut = (reason: string): void => void reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const lanes = new Map<string, Passage[]>();
  const unreachable = new Map<Recording, string>();
  for (const recording of recordings) {
    const passage = passageOf(recording);
    if (typeof passage === 'string') unreachable.set(recording, passage);
    else laneNamed(lanes, laneOf(recording, passage)).push(passage);
  }
  for (const lane of lanes.values()) {
    try {
      await replayLane(lane, (recording, found) => problems.get(recording)?.push(...found), options);
    } catch (error) {
      const problem = `the replay broke off: ${error instanceof Error ? error.message : String(error)}`;
      for (const { recording } of lane) problems.get(recording)?.push(problem);
    }
  }
  const rule = ruleOf(family);
  const hasCodec = rule?.codec !== undefined;
  if (rule !== undefined) {
    for (const recording of recordings) problems.get(recording)?.push(...codecProblems(recording, rule));
  }
  for (const [recording, reason] of unreachable) {
    if (problems.get(recording)?.length === 0) leaveOut(reason);
  }
  const odd = folder.oddLines.filter((line) => line.family === family);
  for (const { reason } of odd) leaveOut(reason);
  const failures = recordings.flatMap((recording) =>
    (problems.get(recording) ?? []).map((problem) => ({ id: recording.id, family, problem })),
  );
  const failed = [...problems.values()].filter((found) => found.length > 0).length;
  const leftOut = [...reasons].map(([reason, count]) => ({ reason, count }));
  const apart = leftOut.reduce((sum, { count }) => sum + count, 0);
  return {
    family,
    passed: recordings.length + odd.length - failed - apart,
    failed,
    leftOut,
    throughCodecs: hasCodec ? recordings.length : 0,
    failures,
    translated:
      options.isPassthroughOnly === true
        ? []
        : await replayTranslated(family, recordings, { answeredAs: sameAnswer, ...options }),
  };
}

/** One lane is one account of the relay. */
function laneOf({ host }: Recording, { basePath, options }: Passage): string {
  return `${host} ${basePath} ${JSON.stringify(options)}`;
}

function laneNamed(lanes: Map<string, Passage[]>, name: string): Passage[] {
  const lane = lanes.get(name) ?? [];
  lanes.set(name, lane);
  return lane;
}
