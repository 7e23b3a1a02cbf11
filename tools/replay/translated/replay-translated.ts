/**
 * Translated replay: every recorded conversation said in the words of every other client, through the running relay, to a
 * provider that gives the recorded answer. What the client reads is judged by readers that share no code with the relay.
 * Must not know single recordings. Begin with `translated-lane.ts`.
 */
import type { ProtocolId } from '../../../server/src/protocols/canonical/request.ts';
import { findUpstreamKind } from '../../../server/src/upstreams/registry.ts';
import type { ClientProtocol } from '../../../server/test/conformance/strict/index.ts';
import type { Failure, LeftOut } from '../replay.ts';
import type { Recording } from '../recording.ts';
import { generationOf, type Generation } from './generations.ts';
import {
  replayTranslatedLane,
  type TranslatedFinding,
  type TranslatedLane,
  type TranslatedOptions,
} from './translated-lane.ts';

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
  const findings: TranslatedFinding[] = [];
  for (const lane of lanesOf(recordings)) {
    findings.push(...(await Array.fromAsync(replayTranslatedLane(lane, options))));
  }
  const pairs = Map.groupBy(findings, ({ client, upstream }) => `${client} ${upstream}`);
  return [...pairs.values()].flatMap((own) => {
    const [first] = own;
    return first === undefined
      ? []
      : [reportOf({ family, client: first.client, upstream: first.upstream }, own)];
  });
}

/** A relay of its own for each protocol and server: compatible servers differ, and are known by their hosts. */
function lanesOf(recordings: readonly Recording[]): readonly TranslatedLane[] {
  const lanes = new Map<string, { generation: Generation; preset: string | undefined; own: Recording[] }>();
  for (const recording of recordings) {
    const generation = generationOf(recording);
    if (generation === undefined) continue;
    const preset = presetOf(generation, recording.host);
    const key = `${generation.protocol} ${preset ?? ''}`;
    const lane = lanes.get(key) ?? { generation, preset, own: [] };
    lane.own.push(recording);
    lanes.set(key, lane);
  }
  return [...lanes.values()].map(({ own, preset, generation }) => ({
    generation,
    recordings: own,
    ...(preset === undefined ? {} : { preset }),
  }));
}

function presetOf({ kind }: Generation, host: string): string | undefined {
  const presets = Object.entries(findUpstreamKind(kind)?.presets ?? {});
  return presets.find(([, baseUrl]) => new URL(baseUrl).host === host)?.[0];
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
