import type { ProtocolId } from '../../../server/src/protocols/canonical/request.ts';
import type { ClientProtocol } from '../../../server/test/conformance/strict/index.ts';
import type { Failure, LeftOut } from '../replay.ts';
import type { Recording } from '../recording.ts';
import { generationOf, type Generation } from './generations.ts';
import { replayTranslatedLane, type TranslatedFinding, type TranslatedOptions } from './translated-lane.ts';

/** Every recorded generation of a family counts once for each client under passed, failed or left out. */
export interface PairReport {
  readonly family: string;
  readonly client: ClientProtocol;
  readonly upstream: ProtocolId;
  readonly passed: number;
  readonly failed: number;
  readonly leftOut: readonly LeftOut[];
  readonly failures: readonly Failure[];
}

/** Replays a family through every protocol but its own; one report for each pair. */
export async function replayTranslated(
  family: string,
  recordings: readonly Recording[],
  options: TranslatedOptions,
): Promise<readonly PairReport[]> {
  const lanes = new Map<Generation, Recording[]>();
  for (const recording of recordings) {
    const generation = generationOf(recording);
    if (generation === undefined) continue;
    lanes.set(generation, [...(lanes.get(generation) ?? []), recording]);
  }
  const reports: PairReport[] = [];
  for (const [generation, lane] of lanes) {
    const findings = await Array.fromAsync(replayTranslatedLane(generation, lane, options));
    for (const [client, own] of Map.groupBy(findings, (finding) => finding.client)) {
      reports.push(reportOf({ family, client, upstream: generation.protocol }, own));
    }
  }
  return reports;
}

function reportOf(
  pair: Pick<PairReport, 'family' | 'client' | 'upstream'>,
  findings: readonly TranslatedFinding[],
): PairReport {
  const failures = findings.flatMap(({ recording, problems }) =>
    problems.map((problem) => ({ id: recording.id, family: pair.family, problem })),
  );
  const failed = findings.filter(({ problems }) => problems.length > 0).length;
  const reasons = new Map<string, number>();
  for (const { leftOut, problems } of findings) {
    if (leftOut !== undefined && problems.length === 0) reasons.set(leftOut, (reasons.get(leftOut) ?? 0) + 1);
  }
  const leftOut = [...reasons].map(([reason, count]) => ({ reason, count }));
  const apart = leftOut.reduce((sum, { count }) => sum + count, 0);
  return { ...pair, passed: findings.length - failed - apart, failed, leftOut, failures };
}
