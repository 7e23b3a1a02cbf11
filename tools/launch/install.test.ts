import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainInstallFailure, isInstalled, isUnreachable } from './install.mjs';

const lock = JSON.stringify({
  packages: {
    '': { name: 'qingzhou' },
    server: { version: '0.1.0' },
    'node_modules/zod': { version: '4.0.0' },
    'node_modules/only-on-mac': { version: '1.0.0', optional: true },
  },
});

function installed(packages: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ packages });
}

test('packages at their locked versions count as installed, without those for other platforms', () => {
  assert.equal(isInstalled(lock, installed({ 'node_modules/zod': { version: '4.0.0' } })), true);
});

test('nothing installed, a missing package or another version does not count as installed', () => {
  assert.equal(isInstalled(lock, undefined), false);
  assert.equal(isInstalled(lock, installed({})), false);
  assert.equal(isInstalled(lock, installed({ 'node_modules/zod': { version: '3.9.9' } })), false);
});

for (const [output, sentence] of [
  ['npm error code EAI_AGAIN', /registry cannot be reached/],
  ['npm error ENOSPC: no space left on device', /disk is full/],
  ["npm error EACCES: permission denied, mkdir '/x'", /cannot be written/],
  ['npm error code EUSAGE', /do not match/],
  ['npm error something new', /^Cannot install the packages: npm error something new$/],
  ['', /npm gave no reason/],
] as const) {
  test(`"${output}" of npm is explained in one sentence`, () => {
    assert.match(explainInstallFailure(output), sentence);
    assert.doesNotMatch(explainInstallFailure(output), /\n/);
  });
}

test('the registry counts as unreachable when three packages are given up on and none was fetched', () => {
  const lost = 'npm http fetch GET http://127.0.0.1/zod attempt 2 failed with ECONNREFUSED\n'.repeat(3);
  assert.equal(isUnreachable(lost), true);
  assert.equal(isUnreachable(`npm http fetch GET 200 http://127.0.0.1/knip 12ms\n${lost}`), false);
  assert.equal(isUnreachable(lost.replaceAll('attempt 2', 'attempt 1')), false);
});

test('a lost fetch that npm made up for is not taken for the cause', () => {
  const output =
    'npm http fetch GET http://127.0.0.1/zod attempt 1 failed with ECONNRESET\nnpm error code ENOSPC\n';
  assert.match(explainInstallFailure(output), /disk is full/);
});
