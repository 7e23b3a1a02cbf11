/**
 * The recording replayer: sends recorded exchanges with providers through a running relay, whose providers are played by
 * the simulator, and through the codecs, and tells where anything but the declared allowances differs. Must not know
 * single recordings: any folder of the same shape will do. Begin with `replay.ts`; `allowances.ts` is the table of what may differ.
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
    console.log(
      `\n${totals.passed} passed, ${totals.failed} failed, ${totals.leftOut} left out (${seconds} s)`,
    );
  }
  return totals.failed === 0 ? 0 : 1;
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

function linesOf(report: FamilyReport): readonly string[] {
  const leftOut = report.leftOut.reduce((sum, { count }) => sum + count, 0);
  const codecs = report.throughCodecs === 0 ? '' : `, ${report.throughCodecs} also through the codecs`;
  return [
    `${report.family.padEnd(24)} ${report.passed} passed, ${report.failed} failed, ${leftOut} left out${codecs}`,
    ...report.leftOut.map(({ reason, count }) => `  left out: ${count}, because ${reason}`),
    ...report.failures.map(({ id, problem }) => `  FAILED ${id}: ${excerpt(problem)}`),
  ];
}

function totalsOf(reports: readonly FamilyReport[]): { passed: number; failed: number; leftOut: number } {
  const sum = (of: (report: FamilyReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  return {
    passed: sum((report) => report.passed),
    failed: sum((report) => report.failed),
    leftOut: sum((report) => report.leftOut.reduce((total, { count }) => total + count, 0)),
  };
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ReplayRefusal)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
