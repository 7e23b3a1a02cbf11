import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { LaunchError } from './launch-error.mjs';
import { findNode, pinnedEnvironment, root } from './place.mjs';

/**
 * A test file belongs to the first suite that claims it; `unit` takes the rest, so that none can be forgotten.
 * Order of running is that of the list.
 */
const suites = [
  { name: 'unit', claims: () => true, timeoutMs: 180_000 },
  { name: 'simulator', claims: (file) => file.startsWith('simulator/'), timeoutMs: 180_000 },
  {
    name: 'conformance',
    claims: (file) => file.startsWith('server/test/') && !file.startsWith('server/test/flows/'),
    timeoutMs: 300_000,
  },
  { name: 'flows', claims: (file) => file.startsWith('server/test/flows/'), timeoutMs: 600_000 },
];

/** Credentials and settings of the person who runs the tests must not change what the tests do. */
const privateVariables = /^(QINGZHOU_|ANTHROPIC_|OPENAI_|GEMINI_|GOOGLE_|NODE_OPTIONS$|NODE_TEST_CONTEXT$)/;

/**
 * Every test file below a folder, relative to the repository, sorted.
 * @param {string} folder
 * @param {string} suffix
 * @returns {string[]}
 */
export function findTestFiles(folder = root, suffix = '.test.ts') {
  const skipped = new Set(['node_modules', 'dist', '.git', 'data', '.cache']);
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : findTestFiles(path, suffix);
      return entry.name.endsWith(suffix) ? [relative(root, path)] : [];
    })
    .sort();
}

/**
 * @param {readonly string[]} files
 * @returns {Map<string, string[]>} files by suite
 */
export function assignSuites(files) {
  const bySuite = new Map(suites.map((suite) => [suite.name, []]));
  for (const file of files) {
    const suite = suites.slice(1).find((candidate) => candidate.claims(file)) ?? suites[0];
    bySuite.get(suite.name).push(file);
  }
  return bySuite;
}

/**
 * `--only unit,flows` chooses suites, `--name TEXT` tests by name, any other word files by path.
 * @param {readonly string[]} args
 */
export function readTestArguments(args) {
  const choice = { only: suites.map((suite) => suite.name), paths: [], nodeArgs: [] };
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index];
    if (argument === '--only') choice.only = (args[++index] ?? '').split(',');
    else if (argument === '--name') choice.nodeArgs.push(`--test-name-pattern=${args[++index] ?? ''}`);
    else if (argument.startsWith('-')) {
      throw new LaunchError(
        `npm test does not know ${argument}: it takes --only SUITE, --name TEXT and paths.`,
      );
    } else choice.paths.push(argument);
  }
  const known = suites.map((suite) => suite.name);
  const unknown = choice.only.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new LaunchError(`There is no test suite "${unknown}": choose from ${known.join(', ')}.`);
  }
  return choice;
}

/**
 * `--only claude-code,codex` chooses clients by the names of their files; none chooses all.
 * @param {readonly string[]} files
 * @param {readonly string[]} args
 * @returns {string[]}
 */
export function chooseClientFiles(files, args) {
  const nameOf = (file) => file.split('/').at(-1).replace('.client.ts', '');
  if (args.length === 0) return [...files];
  const [flag, names = '', ...rest] = args;
  if (flag !== '--only' || rest.length > 0) {
    throw new LaunchError('npm run test:clients takes nothing but --only NAMES.');
  }
  const wanted = names.split(',');
  const unknown = wanted.find((name) => !files.some((file) => nameOf(file) === name));
  if (unknown !== undefined) {
    throw new LaunchError(`There is no client "${unknown}": choose from ${files.map(nameOf).join(', ')}.`);
  }
  return files.filter((file) => wanted.includes(nameOf(file)));
}

/** Runs the chosen suites one after the other and prints the sum. Returns the exit code. */
export async function runTests(args) {
  const choice = readTestArguments(args);
  const files = findTestFiles().filter(
    (file) => choice.paths.length === 0 || choice.paths.some((path) => file.includes(path)),
  );
  const bySuite = assignSuites(files);
  const results = [];
  for (const suite of suites) {
    const own = bySuite.get(suite.name);
    if (!choice.only.includes(suite.name) || own.length === 0) continue;
    results.push({ name: suite.name, ...(await runSuite(suite, own, { nodeArgs: choice.nodeArgs })) });
  }
  if (results.length === 0) throw new LaunchError('No test file matches.');
  return printTotals(results);
}

function printTotals(results) {
  console.log('');
  for (const { name, passed, failed, skipped, seconds } of results) {
    console.log(`${name.padEnd(12)} ${passed} passed, ${failed} failed, ${skipped} skipped (${seconds} s)`);
  }
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
  return results.every((result) => result.failed === 0 && result.code === 0) ? 0 : 1;
}

/**
 * One `node --test` over the files of one suite. A run that ends without its counts has failed.
 * @param {{ name: string, timeoutMs: number, atOnce?: number }} suite `atOnce` files run beside each other
 * @param {readonly string[]} files
 * @param {{ nodeArgs?: readonly string[], extraEnv?: Readonly<Record<string, string>>, isQuiet?: boolean }} options
 * @returns {Promise<{ code: number, passed: number, failed: number, skipped: number, seconds: number }>}
 */
export async function runSuite(suite, files, { nodeArgs = [], extraEnv = {}, isQuiet = false } = {}) {
  const atOnce = suite.atOnce ?? Math.max(2, availableParallelism());
  if (!isQuiet) console.log(`\n== ${suite.name}: ${files.length} files`);
  const folder = mkdtempSync(join(tmpdir(), 'qingzhou-test-'));
  const countsPath = join(folder, 'counts.json');
  const reporters = join(root, 'tools', 'launch');
  const begun = Date.now();
  const code = await runNodeTest(
    [
      '--test',
      `--test-concurrency=${atOnce}`,
      `--test-timeout=${suite.timeoutMs}`,
      `--test-reporter=${join(reporters, 'progress-reporter.mjs')}`,
      '--test-reporter-destination=stdout',
      `--test-reporter=${join(reporters, 'counts-reporter.mjs')}`,
      `--test-reporter-destination=${countsPath}`,
      ...nodeArgs,
      ...files,
    ],
    { extraEnv, isQuiet },
  );
  const counts = readCounts(countsPath, code);
  rmSync(folder, { recursive: true, force: true });
  return { code, ...counts, seconds: Math.round((Date.now() - begun) / 1000) };
}

function readCounts(path, code) {
  try {
    const counts = JSON.parse(readFileSync(path, 'utf8'));
    const isSilentFailure = code !== 0 && counts.failed === 0;
    return isSilentFailure ? { ...counts, failed: 1 } : counts;
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function runNodeTest(args, { extraEnv, isQuiet }) {
  const node = findNode();
  const env = Object.fromEntries(
    Object.entries({ ...pinnedEnvironment(node), ...extraEnv }).filter(
      ([name]) => !privateVariables.test(name),
    ),
  );
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, {
      cwd: root,
      stdio: isQuiet ? 'ignore' : ['ignore', 'inherit', 'inherit'],
      env,
    });
    child.on('error', (error) => reject(new LaunchError(`Cannot run ${node}: ${error.message}.`)));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
