/**
 * The recording replayer: sends recorded exchanges with providers through a running relay, whose providers are played by
 * the simulator, and through the codecs, and tells where anything but the declared allowances differs; then once more in
 * the words of every other client protocol (`translated/`). Must not know single recordings: any folder of the same shape
 * will do. Begin with `replay.ts`; `allowances.ts` is the table of what may differ.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { allowances } from './allowances.ts';
import { excerpt } from './differences.ts';
import { readRecordings, ReplayRefusal } from './recording.ts';
import { replay, type FamilyReport } from './replay.ts';

const usage = 'Say which folder to replay: npm run replay -- DIR [--json]';

/** Exit code: 0 when nothing failed. */
async function main(args: readonly string[]): Promise<number> {
  const { folder, isJson } = readArguments(args);
  const begun = performance.now();
  const recordings = readRecordings(folder);
  const reports: FamilyReport[] = [];
  for await (const report of replay(recordings)) {
    reports.push(report);
    if (!isJson) for (const line of linesOf(report)) console.log(line);
  }
  const seconds = Number(((performance.now() - begun) / 1000).toFixed(1));
  const totals = totalsOf(reports);
  if (isJson)
    console.log(JSON.stringify({ folder, seconds, ...totals, allowances, families: reports }, null, 2));
  else {
    console.log('');
    for (const { pair, ...counts } of totals.pairs) console.log(`${pair.padEnd(40)} ${countsLine(counts)}`);
    console.log(`\npassthrough: ${countsLine(totals)}`);
    console.log(`translated:  ${countsLine(totals.translated)}`);
    console.log(`${seconds} s`);
  }
  return totals.failed + totals.translated.failed === 0 ? 0 : 1;
}

function readArguments(args: readonly string[]): { folder: string; isJson: boolean } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean' } },
    });
    const [folder, ...more] = positionals;
    if (folder === undefined || more.length > 0) throw new ReplayRefusal(usage);
    return { folder: resolve(process.env['INIT_CWD'] ?? '.', folder), isJson: values.json === true };
  } catch (error) {
    if (error instanceof ReplayRefusal) throw error;
    throw new ReplayRefusal(usage);
  }
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly leftOut: number;
}

function countsLine({ passed, failed, leftOut }: Counts): string {
  return `${passed} passed, ${failed} failed, ${leftOut} left out`;
}

function linesOf(report: FamilyReport): readonly string[] {
  const codecs = report.throughCodecs === 0 ? '' : `, ${report.throughCodecs} also through the codecs`;
  return [
    `${report.family.padEnd(24)} ${countsLine(countsOf(report))}${codecs}`,
    ...detailsOf(report),
    ...report.translated.flatMap((pair) => [
      `  asked as ${pair.client.padEnd(20)} ${countsLine(countsOf(pair))}`,
      ...detailsOf(pair).map((line) => `  ${line}`),
    ]),
  ];
}

function detailsOf({ leftOut, failures }: Pick<FamilyReport, 'leftOut' | 'failures'>): readonly string[] {
  return [
    ...leftOut.map(({ reason, count }) => `  left out: ${count}, because ${reason}`),
    ...failures.map(({ id, problem }) => `  FAILED ${id}: ${excerpt(problem)}`),
  ];
}

function countsOf({ passed, failed, leftOut }: Pick<FamilyReport, 'passed' | 'failed' | 'leftOut'>): Counts {
  return { passed, failed, leftOut: leftOut.reduce((sum, { count }) => sum + count, 0) };
}

function sumOf(counts: readonly Counts[]): Counts {
  return counts.reduce(
    (sum, { passed, failed, leftOut }) => ({
      passed: sum.passed + passed,
      failed: sum.failed + failed,
      leftOut: sum.leftOut + leftOut,
    }),
    { passed: 0, failed: 0, leftOut: 0 },
  );
}

/** Passthrough as before, and what was translated: together and by pair of client and upstream. */
function totalsOf(
  reports: readonly FamilyReport[],
): Counts & { translated: Counts; pairs: readonly (Counts & { pair: string })[] } {
  const translated = reports.flatMap((report) => report.translated);
  const byPair = Map.groupBy(translated, ({ client, upstream }) => `${client} to ${upstream}`);
  return {
    ...sumOf(reports.map(countsOf)),
    translated: sumOf(translated.map(countsOf)),
    pairs: [...byPair].map(([pair, own]) => ({ pair, ...sumOf(own.map(countsOf)) })),
  };
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ReplayRefusal)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
