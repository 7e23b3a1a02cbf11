import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

interface Run {
  readonly code: number | null;
  readonly output: string;
}

/** Runs the entry until it ends, or until `use` is done with what it printed. */
function run(flags: readonly string[], use?: (output: string) => Promise<void>): Promise<Run> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...flags]);
  let output = '';
  let used: Promise<void> | undefined;
  const read = (part: Buffer): void => {
    output += part.toString();
    if (use !== undefined && output.includes('Control'))
      used ??= use(output).finally(() => child.kill('SIGTERM'));
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      (used ?? Promise.resolve()).then(() => resolve({ code, output }), reject);
    });
  });
}

test('the simulator starts alone, prints where it is and ends when told', async () => {
  const { code } = await run(['--port', '0', '--pace', '0'], async (output) => {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0] ?? '';
    assert.equal((await fetch(`${url}/_simulator/stats`)).status, 200);
    assert.match(output, /key sk-ant-/);
  });
  assert.equal(code, 0);
});

test('what it cannot do is one clear sentence', async () => {
  const mistakes: readonly [readonly string[], RegExp][] = [
    [['--prot', '1'], /Unknown option '--prot'/],
    [['--port', 'many'], /--port takes a whole number, not "many"/],
    [['--recordings', '/nonexistent'], /recordings folder \/nonexistent cannot be read/],
  ];
  const runs = await Promise.all(mistakes.map(([flags]) => run(flags)));
  for (const [index, { code, output }] of runs.entries()) {
    assert.equal(code, 1);
    assert.match(output, mistakes[index]?.[1] ?? /never/);
  }
});
