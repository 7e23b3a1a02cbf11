/**
 * bench/: the relay measured beside nginx and a peer, on this machine, in one run, by anyone.
 *
 * Load generator and mock upstream are processes of their own and share core 1; the target, with all its
 * threads and children, has core 0. Knows targets only by `targets/target.ts` and nothing of the relay's
 * code, `translation/` aside. Begin at `run.ts` (what happens in which order), `measures/` (what is taken), `report/` (how it is
 * shown); README.md tells the method.
 */
import { defaultTargets, readOptions, usage, UsageError, type Options } from './options.ts';
import { fullPlan, quickPlan } from './plan.ts';
import { killAll } from './processes/pinned-process.ts';
import { watchDisturbance } from './report/disturbance.ts';
import { describeMachine } from './report/machine.ts';
import { saveReport } from './report/save.ts';
import { createReport } from './report/report.ts';
import { textTable } from './report/text-table.ts';
import { runBench } from './run.ts';
import { bare } from './targets/bare.ts';
import { direct } from './targets/direct.ts';
import { nginx } from './targets/nginx.ts';
import { portkey } from './targets/portkey.ts';
import { qingzhou } from './targets/qingzhou.ts';
import { removeWorkFolders } from './processes/work-folder.ts';
import { measurePairs, pairTable } from './translation/pairs.ts';

const targets = [direct, nginx, portkey, qingzhou, bare];

async function bench(options: Options): Promise<void> {
  const basePlan = options.isQuick ? quickPlan : fullPlan;
  const plan = { ...basePlan, rounds: options.rounds ?? basePlan.rounds };
  const startedAt = new Date();
  const disturbanceSoFar = watchDisturbance();
  const result = await runBench({
    plan,
    isQuick: options.isQuick,
    targets: targets.filter((target) => options.targets.includes(target.name)),
    progress: (text) => process.stderr.write(`  ${text}\n`),
  });
  const elapsedSeconds = Math.round((Date.now() - startedAt.getTime()) / 1000);
  const report = createReport(result, {
    startedAt,
    elapsedSeconds,
    plan,
    machine: describeMachine(),
    disturbance: disturbanceSoFar(),
  });
  const saved = saveReport(report, startedAt);
  process.stdout.write(options.isJson ? `${JSON.stringify(report, null, 2)}\n` : textTable(report));
  process.stderr.write(`\nSaved ${saved.json}\n      ${saved.picture}\n`);
}

function benchPairs({ isJson }: Options): void {
  const figures = measurePairs();
  process.stdout.write(isJson ? `${JSON.stringify(figures, null, 2)}\n` : pairTable(figures));
}

process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));
process.on('exit', () => {
  killAll();
  removeWorkFolders();
});

try {
  if (process.platform !== 'linux')
    throw new UsageError('this harness reads CPU time and memory from /proc: Linux only');
  const options = readOptions(
    process.argv.slice(2),
    targets.map((target) => target.name),
  );
  if (options === null) process.stdout.write(`${usage}\n  default targets: ${defaultTargets.join(',')}\n`);
  else if (options.isPairs) benchPairs(options);
  else await bench(options);
} catch (error) {
  const isUsage = error instanceof UsageError;
  process.stderr.write(isUsage ? `${error.message}\n\n${usage}\n` : `bench failed: ${String(error)}\n`);
  process.exitCode = isUsage ? 2 : 1;
}
