import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { startPinned } from './pinned-process.ts';

const PARENT = `
  const { spawn } = require('node:child_process');
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  process.stderr.write('something is wrong\\n');
  process.stdout.write(child.pid + '\\n');
  process.on('SIGTERM', () => process.exit(0));
`;

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a stopped process takes its children with it, and what it said on standard error can be read', async () => {
  const started = startPinned(process.execPath, { core: 0, args: ['-e', PARENT], hasOutput: true });
  assert.ok(started.child.stdout);
  const [line] = (await once(createInterface({ input: started.child.stdout }), 'line')) as [string];
  const childPid = Number(line);
  assert.ok(isRunning(started.pid) && isRunning(childPid));
  assert.equal(started.errorText(), 'something is wrong');
  await started.stop();
  assert.ok(!isRunning(started.pid));
  // A killed grandchild may stay as an entry without a program until the first process of the machine has seen it.
  const giveUpAt = Date.now() + 5_000;
  while (existsSync(`/proc/${childPid}/exe`) && Date.now() < giveUpAt) await new Promise(setImmediate);
  assert.ok(!existsSync(`/proc/${childPid}/exe`));
});

test('a process that has ended by itself can be stopped all the same', async () => {
  const started = startPinned(process.execPath, { core: 0, args: ['-e', 'process.exitCode = 3'] });
  const [code] = (await once(started.child, 'exit')) as [number];
  assert.equal(code, 3);
  await started.stop();
});
