import type { EffortLevel } from '../canonical/request.ts';

/**
 * What the Claude generations accept, by family and version in the model's name. A server that speaks this protocol
 * with a model of another name gets the oldest common set.
 */
export interface ModelTraits {
  readonly thinking: 'none' | 'budget' | 'adaptive';
  /** How thinking can be turned off. */
  readonly off: 'disabled' | 'between-tools' | 'never';
  /** Levels of `output_config.effort`; empty where the field is unknown. */
  readonly efforts: readonly EffortLevel[];
  readonly takesSampling: boolean;
  /** The 4.x models refuse temperature together with top_p. */
  readonly takesTopPWithTemperature: boolean;
  /** Refused always, or only while thinking is on. */
  readonly forcedTools: 'always' | 'without-thinking' | 'never';
  readonly takesPrefill: boolean;
  /** `role: "system"` between the turns. */
  readonly takesSystemTurns: boolean;
  /** `output_config.format` and strict tools. */
  readonly hasSchemas: boolean;
}

interface Version {
  readonly family: string;
  readonly number: number;
}

const newStyle = /claude-(opus|sonnet|haiku|fable|mythos)-(\d{1,2})(?!\d)(?:[-.](\d{1,2})(?!\d))?/;
const oldStyle = /claude-(\d)(?:[-.](\d))?-(opus|sonnet|haiku)/;

function readVersion(model: string): Version | undefined {
  const modern = newStyle.exec(model);
  if (modern !== null) {
    // Mythos takes what Fable takes.
    const family = modern[1] === 'mythos' ? 'fable' : (modern[1] ?? '');
    return { family, number: versionNumber(modern[2], modern[3]) };
  }
  const old = oldStyle.exec(model);
  return old === null ? undefined : { family: old[3] ?? '', number: versionNumber(old[1], old[2]) };
}

function versionNumber(major: string | undefined, minor: string | undefined): number {
  return Number(major ?? 0) * 100 + Number(minor ?? 0);
}

const unknownModel: ModelTraits = {
  thinking: 'budget',
  off: 'disabled',
  efforts: [],
  takesSampling: true,
  takesTopPWithTemperature: true,
  forcedTools: 'without-thinking',
  takesPrefill: true,
  takesSystemTurns: false,
  hasSchemas: false,
};

export function traitsOf(model: string): ModelTraits {
  const version = readVersion(model);
  if (version === undefined) return unknownModel;
  const { family, number } = version;
  const isFable = family === 'fable';
  const isAlwaysThinking = (isFable && number >= 501) || (number >= 505 && family !== 'haiku');
  return {
    thinking: thinkingOf(version),
    off: offOf(version),
    efforts: effortsOf(version),
    takesSampling: number < 407 && !isFable,
    takesTopPWithTemperature: number < 400,
    forcedTools: isAlwaysThinking ? 'never' : 'without-thinking',
    takesPrefill: number < 406 && !isFable,
    takesSystemTurns: number >= 408 || isFable,
    hasSchemas: number >= 405 || (family === 'opus' && number >= 401) || isFable,
  };
}

function thinkingOf({ family, number }: Version): ModelTraits['thinking'] {
  if (number >= 406 || family === 'fable') return 'adaptive';
  return number >= 307 ? 'budget' : 'none';
}

function offOf({ family, number }: Version): ModelTraits['off'] {
  if (family === 'fable' || (family === 'opus' && number >= 505)) return 'never';
  return family === 'sonnet' && number >= 505 ? 'between-tools' : 'disabled';
}

function effortsOf({ family, number }: Version): readonly EffortLevel[] {
  if (family === 'fable' || number >= 407) return ['low', 'medium', 'high', 'xhigh', 'max'];
  if (number >= 406) return ['low', 'medium', 'high', 'max'];
  return family === 'opus' && number >= 405 ? ['low', 'medium', 'high'] : [];
}
