/** What the relay promises of itself, held beside what was measured. */
import type { Figures, MeasureId } from '../measures/measure-ids.ts';

interface Goal {
  readonly title: string;
  readonly measure: MeasureId;
  /** The target it is a multiple of; null for an absolute limit. */
  readonly against: 'nginx' | 'portkey' | null;
  readonly atMost: number;
}

const goals: readonly Goal[] = [
  { title: 'CPU per unary call, against nginx', measure: 'unaryCpu', against: 'nginx', atMost: 6 },
  { title: 'CPU per unary call, against Portkey', measure: 'unaryCpu', against: 'portkey', atMost: 0.125 },
  { title: 'CPU per streamed frame, against nginx', measure: 'frameCpu', against: 'nginx', atMost: 2.5 },
  {
    title: 'CPU per 100 KB request body, against nginx',
    measure: 'largeBodyCpu',
    against: 'nginx',
    atMost: 6,
  },
  { title: 'KB of memory per open stream', measure: 'streamMemory', against: null, atMost: 40 },
  { title: 'ms added to a unary call at 1,000/s, p50', measure: 'addedUnaryP50', against: null, atMost: 2 },
  {
    title: 'ms added to the first byte at 1,000/s, p50',
    measure: 'addedFirstByteP50',
    against: null,
    atMost: 0.5,
  },
  {
    title: 'upstream streams left 1 s after clients aborted',
    measure: 'abortsLeft',
    against: null,
    atMost: 0,
  },
  { title: 'MB grown under stalled readers', measure: 'stalledGrowth', against: null, atMost: 10 },
];

export interface GoalResult {
  readonly title: string;
  readonly atMost: number;
  readonly measured: number | null;
  /** Null when it could not be measured: neither met nor missed. */
  readonly isMet: boolean | null;
  readonly isRatio: boolean;
}

export function judgeGoals(
  relay: Figures | undefined,
  peers: Readonly<Record<string, Figures>>,
): GoalResult[] {
  return goals.map(({ title, measure, against, atMost }) => {
    const own = relay?.[measure];
    const base = against === null ? 1 : peers[against]?.[measure];
    const measured = own === undefined || base === undefined ? null : own / base;
    return {
      title,
      atMost,
      measured,
      isMet: measured === null ? null : measured <= atMost,
      isRatio: against !== null,
    };
  });
}
