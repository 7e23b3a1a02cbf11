import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { assignSuites, chooseClientFiles, readTestArguments, runSuite } from './suites.mjs';

test('every test file belongs to exactly one suite, and one that nobody claims is a unit test', () => {
  const bySuite = assignSuites([
    'server/src/config/secrets.test.ts',
    'simulator/src/engine/exchange.test.ts',
    'server/test/conformance/store.test.ts',
    'server/test/route-table.test.ts',
    'server/test/flows/first-call.test.ts',
    'somewhere/else.test.ts',
  ]);
  assert.deepEqual(Object.fromEntries(bySuite), {
    unit: ['server/src/config/secrets.test.ts', 'somewhere/else.test.ts'],
    simulator: ['simulator/src/engine/exchange.test.ts'],
    conformance: ['server/test/conformance/store.test.ts', 'server/test/route-table.test.ts'],
    flows: ['server/test/flows/first-call.test.ts'],
  });
});

test('a suite that does not exist is refused with those that do', () => {
  assert.throws(() => readTestArguments(['--only', 'flow']), {
    message: 'There is no test suite "flow": choose from unit, simulator, conformance, flows.',
  });
});

test('clients are chosen by name, and one that is not there is refused with those that are', () => {
  const files = ['server/test/clients/codex.client.ts', 'server/test/clients/aider.client.ts'];
  assert.deepEqual(chooseClientFiles(files, []), files);
  assert.deepEqual(chooseClientFiles(files, ['--only', 'aider']), files.slice(1));
  assert.throws(() => chooseClientFiles(files, ['--only', 'aider,emacs']), {
    message: 'There is no client "emacs": choose from codex, aider.',
  });
  assert.throws(() => chooseClientFiles(files, ['--name', 'x']), { message: /nothing but --only/ });
});

test('passed, failed and skipped tests are counted, nested ones too', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'qingzhou-suites-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'sample.test.mjs');
  writeFileSync(
    file,
    `import { test } from 'node:test';
     test('passes', () => {});
     test('fails', () => { throw new Error('planted'); });
     test('is skipped', { skip: 'planted' }, () => {});
     test('has a child', async (context) => { await context.test('that passes', () => {}); });`,
  );
  const result = await runSuite({ name: 'sample', timeoutMs: 60_000 }, [file], { isQuiet: true });
  assert.deepEqual([result.passed, result.failed, result.skipped, result.code], [3, 1, 1, 1]);
});

test('a test file that cannot be loaded is a failure', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'qingzhou-suites-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'sample.test.mjs');
  writeFileSync(file, 'this is no JavaScript');
  const result = await runSuite({ name: 'sample', timeoutMs: 60_000 }, [file], { isQuiet: true });
  assert.equal(result.failed, 1);
});
