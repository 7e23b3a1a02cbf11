import { levelOf, type Observation, type ObservationLevel, type Observe } from './observation.ts';

const ranks: Readonly<Record<ObservationLevel | 'silent', number>> = {
  debug: 0,
  info: 1,
  warn: 2,
  error: 3,
  silent: 4,
};

export interface LogOptions {
  readonly level: ObservationLevel | 'silent';
  readonly format: 'text' | 'json';
  readonly now: () => Date;
  write(line: string): void;
}

/** Writes one line an observation at or above the level. */
export function createLog(options: LogOptions): Observe {
  const least = ranks[options.level];
  return (observation) => {
    const level = levelOf(observation);
    if (ranks[level] < least) return;
    options.write(
      options.format === 'json'
        ? jsonLine(observation, level, options)
        : textLine(observation, level, options),
    );
  };
}

function jsonLine(observation: Observation, level: ObservationLevel, options: LogOptions): string {
  const body =
    observation.type === 'call-finished'
      ? { ...observation, chargeNanoUsd: observation.chargeNanoUsd.toString() }
      : observation;
  return `{"time":"${options.now().toISOString()}","level":"${level}",${JSON.stringify(body).slice(1)}\n`;
}

function textLine(observation: Observation, level: ObservationLevel, options: LogOptions): string {
  const { type, ...facts } = observation;
  const words = Object.entries(facts).map(([name, value]) => `${name}=${String(value)}`);
  return `${options.now().toISOString()} ${level.padEnd(5)} ${type} ${words.join(' ')}\n`;
}

/** Where an unexpected error was thrown: the first frame of our own code, without message or arguments. */
export function placeOf(error: unknown): { errorName: string; at: string } {
  if (!(error instanceof Error)) return { errorName: typeof error, at: 'unknown' };
  const frame = (error.stack ?? '').split('\n').find((line) => line.includes('/src/'));
  const place = /src\/([\w./-]+:\d+)/.exec(frame ?? '')?.[1] ?? 'unknown';
  return { errorName: error.name, at: place };
}
