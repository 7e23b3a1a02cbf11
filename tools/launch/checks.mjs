import { assignSuites, findTestFiles, runSuite } from './suites.mjs';
import { findNode, pinnedEnvironment, toolPath } from './place.mjs';
import { runQuietly } from './run-child.mjs';

/** What `npm run check` runs, in the order of how fast each finds out. `script` is run by the pinned Node. */
const steps = [
  { name: 'format', script: ['oxfmt', 'bin/oxfmt'], args: ['--check'] },
  { name: 'types', script: ['typescript', 'bin/tsc'], args: ['-p', '.'] },
  { name: 'types (web)', script: ['typescript', 'bin/tsc'], args: ['-p', 'web'] },
  { name: 'lint', script: ['oxlint', 'bin/oxlint'], args: ['--type-aware', '--quiet'] },
  { name: 'dead code', script: ['knip', 'bin/knip.js'], args: ['--no-progress'] },
];

/** Runs every step even after a failure, so that one run tells everything. Returns the exit code. */
export async function runChecks() {
  const failed = [];
  for (const step of steps) {
    if (!(await runStep(step))) failed.push(step.name);
  }
  const files = assignSuites(findTestFiles()).get('unit');
  const begun = Date.now();
  const unit = await runSuite({ name: 'tidy and unit tests', timeoutMs: 180_000 }, files);
  const isGreen = unit.failed === 0 && unit.code === 0;
  if (!isGreen) failed.push('tidy and unit tests');
  report('tidy and unit tests', begun, isGreen);
  console.log(failed.length === 0 ? 'check: all green' : `check: failed in ${failed.join(', ')}`);
  console.log(`${unit.passed} passed, ${unit.failed} failed, ${unit.skipped} skipped`);
  return failed.length === 0 ? 0 : 1;
}

async function runStep({ name, script, args }) {
  const begun = Date.now();
  const node = findNode();
  const tool = toolPath(script[0], script[1]);
  const result = await runQuietly(node, [tool, ...args], { env: pinnedEnvironment(node) });
  report(name, begun, result.code === 0);
  if (result.code !== 0) console.log(result.output);
  return result.code === 0;
}

function report(name, begun, isGreen) {
  const seconds = ((Date.now() - begun) / 1000).toFixed(1).padStart(6);
  console.log(`${name.padEnd(20)} ${seconds} s  ${isGreen ? 'ok' : 'FAILED'}`);
}
