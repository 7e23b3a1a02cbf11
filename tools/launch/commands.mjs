/**
 * The launcher: what every npm script does before and around the script itself - install, pin the runtime, build the
 * web app, run, count. Plain JavaScript for Node 20 and up, without packages, because it is what installs them.
 * Must not know what the server does. Begin with the table below.
 */
import { runChecks } from './checks.mjs';
import { ensureInstalled } from './install.mjs';
import { LaunchError } from './launch-error.mjs';
import { chooseClientFiles, findTestFiles, runSuite, runTests } from './suites.mjs';
import { runScript } from './run-child.mjs';
import { ensureWebBuilt } from './web-build.mjs';

const server = 'server/bin/qingzhou.mjs';

const commands = {
  start: async (args) => {
    await ensureWebBuilt();
    return await runScript(server, ['start', ...args]);
  },
  test: runTests,
  'test:long': runLongTests,
  'test:clients': runClientTests,
  check: runChecks,
  qz: (args) => runScript(server, args),
  simulate: (args) => runScript('simulator/src/main.ts', args),
  replay: (args) => runScript('tools/replay/main.ts', args),
  bench: (args) => runScript('bench/main.ts', args),
  docs: (args) => runScript('tools/build-docs.ts', args),
};

/** Runs one npm script. Whatever is wrong outside the code ends in one sentence and exit code 1. */
export async function runCommand(name, args) {
  try {
    const command = commands[name];
    if (command === undefined) {
      throw new LaunchError(
        `There is no command "${name}": choose from ${Object.keys(commands).join(', ')}.`,
      );
    }
    await ensureInstalled();
    return await command(args);
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    console.error(error.message);
    return 1;
  }
}

/** Long campaigns live in `*.long.ts`; the seed reaches them as TEST_SEED and is printed, so that a run can be repeated. */
async function runLongTests(args) {
  const at = args.indexOf('--seed');
  const seed = at === -1 ? String(Date.now() % 1_000_000) : (args[at + 1] ?? '');
  if (!/^\d{1,15}$/.test(seed)) throw new LaunchError('--seed takes a whole number, as in "--seed 42".');
  const files = findTestFiles(undefined, '.long.ts');
  if (files.length === 0) throw new LaunchError('There are no long tests in this checkout.');
  console.log(`seed ${seed}`);
  const result = await runSuite({ name: 'long', timeoutMs: 3_600_000 }, files, {
    extraEnv: { TEST_SEED: seed },
  });
  console.log(`${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`);
  return result.failed === 0 && result.code === 0 ? 0 : 1;
}

/** Coding tools as they are published live in `*.client.ts`: fetched when first needed, run one after the other. */
async function runClientTests(args) {
  const files = chooseClientFiles(findTestFiles(undefined, '.client.ts'), args);
  const suite = { name: 'clients', timeoutMs: 900_000, atOnce: 1 };
  const result = await runSuite(suite, files);
  console.log(`${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`);
  return result.failed === 0 && result.code === 0 ? 0 : 1;
}
