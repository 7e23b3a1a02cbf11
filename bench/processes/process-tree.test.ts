import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import {
  openFileLimit,
  parseMachineUsage,
  parseStat,
  readTreeUsage,
  treeOf,
  type ProcessStat,
} from './process-tree.ts';

const LINE =
  '4711 (node (worker) 1) S 42 4711 4711 0 -1 4194560 9000 100 2 0 250 50 7 3 20 0 11 0 8121 1200000000 25600 18446744073709551615 1 1 0 0';

test('a stat line gives parent, CPU time of all kinds and resident memory, whatever the command is called', () => {
  assert.deepEqual(parseStat(LINE), { pid: 4711, parentPid: 42, cpuMicros: 3_100_000, rssKb: 102_400 });
});

test('what is not a stat line gives nothing', () => {
  assert.equal(parseStat(''), null);
  assert.equal(parseStat('12 (half'), null);
  assert.equal(parseStat('12 (short) S 1 2'), null);
});

const stat = (pid: number, parentPid: number): ProcessStat => ({ pid, parentPid, cpuMicros: 1, rssKb: 1 });

test('a tree is the root and all below it, and nobody else', () => {
  const all = [stat(1, 0), stat(10, 1), stat(11, 10), stat(12, 11), stat(20, 1), stat(21, 20)];
  assert.deepEqual(
    treeOf(10, all).map(({ pid }) => pid),
    [10, 11, 12],
  );
  assert.deepEqual(treeOf(99, all), []);
});

test('the busy time of the machine leaves out idle and waiting, and knows stolen time', () => {
  const usage = parseMachineUsage('cpu  100 10 50 9000 30 0 5 7 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n');
  assert.deepEqual(usage, { busyMicros: 1_600_000, stolenMicros: 70_000 });
});

test('the memory of a child is part of its tree', { skip: process.platform !== 'linux' }, async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdout.write("up"); process.stdin.resume()']);
  try {
    await once(child.stdout, 'data');
    const own = readTreeUsage(process.pid).rssKb;
    const childs = readTreeUsage(child.pid ?? 0).rssKb;
    assert.ok(childs > 10_000, `${childs} KB`);
    assert.ok(own > childs, `${own} KB with a child of ${childs} KB`);
  } finally {
    child.kill();
  }
  assert.ok(openFileLimit() > 0);
});
