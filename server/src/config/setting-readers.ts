/** Readers turn the text of one setting into its value, or say in words what they expected instead. */
type Reading<Value> = { readonly value: Value } | { readonly expected: string };

export interface Reader<Value> {
  /** Shown in the documentation, e.g. `time`, `bytes`, `one of: a, b`. */
  readonly type: string;
  read(text: string): Reading<Value>;
}

export const textReader: Reader<string> = {
  type: 'text',
  read: (text) => ({ value: text }),
};

export function integerReader(least: number, most: number): Reader<number> {
  const expected = `a whole number from ${least} to ${most}`;
  return {
    type: `whole number, ${least} to ${most}`,
    read: (text) => {
      const value = Number(text);
      return /^\d{1,15}$/.test(text) && value >= least && value <= most ? { value } : { expected };
    },
  };
}

export function choiceReader<const Choice extends string>(choices: readonly Choice[]): Reader<Choice> {
  return {
    type: choices.map((choice) => `\`${choice}\``).join(' or '),
    read: (text) => {
      const value = choices.find((choice) => choice === text);
      return value === undefined ? { expected: `one of ${choices.join(', ')}` } : { value };
    },
  };
}

const millisecondsByUnit: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** A time with its unit; a bare number is refused, because nobody remembers whether it meant seconds. Value in ms. */
export function durationReader(leastMs: number, mostMs: number): Reader<number> {
  const expected = `a time with its unit from ${formatDuration(leastMs)} to ${formatDuration(mostMs)}, such as 500ms, 10s or 30m`;
  return {
    type: 'time (`500ms`, `10s`, `30m`, `1h`)',
    read: (text) => {
      const match = /^(\d{1,9})(ms|s|m|h)$/.exec(text);
      const value = Number(match?.[1]) * (millisecondsByUnit[match?.[2] ?? ''] ?? Number.NaN);
      return value >= leastMs && value <= mostMs ? { value } : { expected };
    },
  };
}

function formatDuration(durationMs: number): string {
  for (const unit of ['h', 'm', 's']) {
    const size = millisecondsByUnit[unit] ?? 1;
    if (durationMs >= size && durationMs % size === 0) return `${durationMs / size}${unit}`;
  }
  return `${durationMs}ms`;
}

const bytesByUnit: Readonly<Record<string, number>> = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** A size in bytes, bare or with `KiB`, `MiB`, `GiB`. Value in bytes. */
export function sizeReader(leastBytes: number, mostBytes: number): Reader<number> {
  const expected = `a size from ${formatSize(leastBytes)} to ${formatSize(mostBytes)}, such as 32MiB`;
  return {
    type: 'size (bytes, or `64KiB`, `32MiB`, `1GiB`)',
    read: (text) => {
      const match = /^(\d{1,15})(KiB|MiB|GiB)?$/.exec(text);
      const value = Number(match?.[1]) * (bytesByUnit[match?.[2] ?? ''] ?? Number.NaN);
      return value >= leastBytes && value <= mostBytes ? { value } : { expected };
    },
  };
}

function formatSize(bytes: number): string {
  for (const unit of ['GiB', 'MiB', 'KiB']) {
    const size = bytesByUnit[unit] ?? 1;
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}
