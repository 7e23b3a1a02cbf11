import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultTargets, readOptions, UsageError } from './options.ts';
import { portInStartLine } from './targets/qingzhou.ts';

const known = ['direct', 'nginx', 'portkey', 'qingzhou', 'bare'];

test('without arguments the usual targets are measured in full', () => {
  const expected = { isJson: false, isQuick: false, rounds: null, targets: defaultTargets, isPairs: false };
  assert.deepEqual(readOptions([], known), expected);
});

test('arguments are read, help asks for the usage', () => {
  const args = ['--json', '--quick', '--rounds', '5', '--targets', 'direct,bare', '--pairs'];
  const options = readOptions(args, known);
  assert.deepEqual(options, {
    isJson: true,
    isQuick: true,
    rounds: 5,
    targets: ['direct', 'bare'],
    isPairs: true,
  });
  assert.equal(readOptions(['--help'], known), null);
});

test('unknown targets, options and round counts are refused by name', () => {
  assert.throws(() => readOptions(['--targets', 'direct,caddy'], known), /no target "caddy"/);
  assert.throws(() => readOptions(['--fast'], known), UsageError);
  assert.throws(() => readOptions(['--rounds', '0'], known), UsageError);
});

test('the port is taken from the JSON line of the start, other lines are passed over', () => {
  assert.equal(portInStartLine('{"url":"http://127.0.0.1:41233","key":"x"}'), 41_233);
  assert.equal(portInStartLine('starting'), null);
  assert.equal(portInStartLine('{"level":"info"}'), null);
});
