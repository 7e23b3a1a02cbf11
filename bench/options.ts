import { parseArgs } from 'node:util';

export interface Options {
  readonly isJson: boolean;
  readonly isQuick: boolean;
  readonly rounds: number | null;
  readonly targets: readonly string[];
  /** Only what translating costs, pair by pair, without any process around it. */
  readonly isPairs: boolean;
}

export const usage = `npm run bench -- [--json] [--quick] [--rounds N] [--targets a,b] [--pairs]
  --json       print the result as JSON on standard output
  --quick      one short round, at most 60 seconds
  --rounds N   how often each series is repeated (3; medians are shown)
  --targets    which to measure: direct,nginx,portkey,qingzhou (bare: a plain node:http proxy, for comparison)
  --pairs      only the CPU per event of each translated pair beside passing it through`;

export const defaultTargets: readonly string[] = ['direct', 'nginx', 'portkey', 'qingzhou'];

export class UsageError extends Error {}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean' },
        quick: { type: 'boolean' },
        rounds: { type: 'string' },
        targets: { type: 'string' },
        pairs: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'bad arguments');
  }
}

/** Null asks for the usage text. */
export function readOptions(args: readonly string[], known: readonly string[]): Options | null {
  const values = parse(args);
  if (values.help === true) return null;
  const rounds = values.rounds === undefined ? null : Number(values.rounds);
  if (rounds !== null && !(Number.isInteger(rounds) && rounds >= 1 && rounds <= 20)) {
    throw new UsageError('--rounds takes a whole number from 1 to 20');
  }
  const targets = values.targets?.split(',') ?? defaultTargets;
  const unknown = targets.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new UsageError(`no target "${unknown}"; there are ${known.join(', ')}`);
  return {
    isJson: values.json === true,
    isQuick: values.quick === true,
    rounds,
    targets,
    isPairs: values.pairs === true,
  };
}
