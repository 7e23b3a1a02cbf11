import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { ConfigError } from './config-error.ts';
import { openSecrets } from './secrets.ts';

const masterKey = 'ab'.repeat(32);

function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'qingzhou-secrets-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'data');
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

test('the first start makes the folder, the key and its fingerprint for the owner alone', (context) => {
  const dataDir = temporaryFolder(context);
  openSecrets({ dataDir, masterKey: undefined });
  assert.equal(modeOf(dataDir), '700');
  assert.equal(modeOf(join(dataDir, 'secrets')), '700');
  assert.deepEqual(readdirSync(join(dataDir, 'secrets')).sort(), ['master.fingerprint', 'master.key']);
  assert.equal(modeOf(join(dataDir, 'secrets', 'master.key')), '600');
});

test('the second start finds the same secrets', (context) => {
  const dataDir = temporaryFolder(context);
  const first = openSecrets({ dataDir, masterKey: undefined });
  assert.deepEqual(openSecrets({ dataDir, masterKey: undefined }), first);
});

test('secrets for different purposes differ from each other and from the master key', (context) => {
  const secrets = openSecrets({ dataDir: temporaryFolder(context), masterKey });
  const keys = [...Object.values<Buffer>({ ...secrets }), Buffer.from(masterKey, 'hex')];
  assert.equal(new Set(keys.map((key) => key.toString('hex'))).size, keys.length);
  assert.ok(keys.every((key) => key.length === 32));
});

test('a master key from the environment is not written down', (context) => {
  const dataDir = temporaryFolder(context);
  openSecrets({ dataDir, masterKey });
  assert.deepEqual(readdirSync(join(dataDir, 'secrets')), ['master.fingerprint']);
  assert.doesNotMatch(readFileSync(join(dataDir, 'secrets', 'master.fingerprint'), 'utf8'), /abab/);
});

test('the same master key in hexadecimal and Base64 opens the same secrets', (context) => {
  const dataDir = temporaryFolder(context);
  const inHex = openSecrets({ dataDir, masterKey });
  const base64 = Buffer.from(masterKey, 'hex').toString('base64');
  assert.deepEqual(openSecrets({ dataDir, masterKey: base64 }), inHex);
});

function problemOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  return '';
}

test('another master key than the first one is refused', (context) => {
  const dataDir = temporaryFolder(context);
  openSecrets({ dataDir, masterKey });
  const problem = problemOf(() => openSecrets({ dataDir, masterKey: 'cd'.repeat(32) }));
  assert.match(problem, /^The master key is not the one this data folder was made with/);
});

test('a lost key file is reported instead of being replaced', (context) => {
  const dataDir = temporaryFolder(context);
  openSecrets({ dataDir, masterKey: undefined });
  rmSync(join(dataDir, 'secrets', 'master.key'));
  const problem = problemOf(() => openSecrets({ dataDir, masterKey: undefined }));
  assert.match(problem, /^The master key of this data folder is missing: put .*master\.key back/);
});

test('a key file that others can read is refused with the command that mends it', (context) => {
  const dataDir = temporaryFolder(context);
  openSecrets({ dataDir, masterKey: undefined });
  const keyPath = join(dataDir, 'secrets', 'master.key');
  chmodSync(keyPath, 0o644);
  const problem = problemOf(() => openSecrets({ dataDir, masterKey: undefined }));
  assert.equal(
    problem,
    `${keyPath} can be read by other users of this machine (mode 644). Run: chmod 600 ${keyPath}`,
  );
});

for (const wrong of ['short', 'zz'.repeat(32), 'ab'.repeat(31), '']) {
  test(`"${wrong.slice(0, 8)}" of ${wrong.length} letters is not accepted as a master key, nor repeated in the message`, (context) => {
    const problem = problemOf(() => openSecrets({ dataDir: temporaryFolder(context), masterKey: wrong }));
    assert.match(problem, /^QINGZHOU_MASTER_KEY is not a master key: it must be 32 bytes/);
    if (wrong !== '') assert.ok(!problem.includes(wrong));
  });
}

test('a file in the place of the data folder is explained in one sentence', (context) => {
  const dataDir = temporaryFolder(context);
  writeFileSync(dataDir, '');
  const problem = problemOf(() => openSecrets({ dataDir, masterKey }));
  assert.equal(
    problem,
    `Cannot create the folder ${dataDir}: a file is in its place. Choose another QINGZHOU_DATA_DIR.`,
  );
});
