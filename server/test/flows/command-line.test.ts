import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { startSimulator, type Simulator } from '@qingzhou/simulator';
import { assertOneSentence, filesWith, modeOf, openCommandRig, type CommandRig } from './command-rig.ts';
import { eventually } from './eventually.ts';
import { startRelayProcess } from './relay-process.ts';
import { ask, wireClients } from './wire-clients.ts';

let simulator: Simulator;

before(async () => {
  simulator = await startSimulator();
});
after(() => simulator.close());

const messages = wireClients.find(({ name }) => name === 'messages')!;
const hello = { prompt: '[[say:hello]]', isStream: false };

function addAnthropic(
  rig: CommandRig,
  name: string,
  credential = 'sk-ant-test-0000000000',
): Promise<unknown> {
  const args = ['--kind', 'anthropic', '--name', name, '--credential', credential];
  return rig.json('account', 'add', ...args, '--base-url', simulator.url);
}

test('key create shows the key once; list shows what limits it and never the key', async () => {
  using rig = openCommandRig();
  const limits = ['--rpm', '5', '--tpm', '1000', '--concurrency', '2', '--strict', '--expires', '2099-01-31'];
  const lists = ['--models', 'claude-*,gpt-4.1', '--addresses', '10.0.0.0/8,::1'];
  const created = await rig.run('key', 'create', '--name', 'laptop', ...limits, ...lists);
  assert.equal(created.code, 0, created.stderr);
  const [key = '', hint] = created.stdout.split('\n');
  assert.match(key, /^sk-qz-\w{40,}$/);
  assert.match(hint ?? '', /^This is the only time the key is shown\./);
  const [row] = (await rig.json('key', 'list')) as Record<string, unknown>[];
  assert.deepEqual(row?.['limits'], { requestsPerMinute: 5, tokensPerMinute: 1_000, concurrency: 2 });
  assert.deepEqual(row?.['allowed_models'], ['claude-*', 'gpt-4.1']);
  assert.deepEqual(row?.['allowed_addresses'], ['10.0.0.0/8', '::1']);
  assert.deepEqual([row?.['strict'], row?.['expires_at']], [true, '2099-01-31T00:00:00.000Z']);
  const table = await rig.run('key', 'list');
  assert.match(table.stdout, /^NAME +KEY +STATE +EXPIRES +MODELS +LIMITS\n/);
  assert.match(
    table.stdout,
    /\nlaptop +sk-qz-\w+\.\.\. +active +2099-01-31T00:00 +claude-\*, gpt-4\.1 +5 req\/min/,
  );
  assert.doesNotMatch(table.stdout + JSON.stringify(row), new RegExp(key));
  assert.deepEqual(filesWith(rig.dataDir, key), []);
});

const keyRefusals: readonly (readonly [readonly string[], RegExp])[] = [
  [['--name', ' '], /^A relay key needs a name\./],
  [['--name', 'a', '--expires', '2020-01-01'], /^The expiry lies in the past\./],
  [
    ['--name', 'a', '--expires', 'soon'],
    /^--expires takes a date such as 2027-01-31, and "soon" is not one\./,
  ],
  [['--name', 'a', '--addresses', '10.0.0.0/99'], /^"10\.0\.0\.0\/99" is not an address or a range/],
  [
    ['--name', 'a', '--rpm', '0'],
    /'--rpm <number>' argument '0' is invalid\. It must be a whole number, 1 or more/,
  ],
  [['--name', 'a', '--models', ','], /'--models <list>' argument ',' is invalid\. It must name at least one/],
];

test('key create refuses what cannot be meant, in one sentence, and makes no key', async () => {
  using rig = openCommandRig();
  for (const [args, expected] of keyRefusals) {
    assertOneSentence(await rig.run('key', 'create', ...args), expected);
  }
  assert.deepEqual(await rig.json('key', 'list'), []);
});

test('key revoke wants one active key; of two of one name it asks which', async () => {
  using rig = openCommandRig();
  const first = (await rig.json('key', 'create', '--name', 'twin')) as { id: string };
  await rig.json('key', 'create', '--name', 'twin');
  assertOneSentence(await rig.run('key', 'revoke', 'twin'), /^2 active relay keys are named "twin"\. .*key_/);
  assert.equal((await rig.run('key', 'revoke', first.id)).code, 0);
  assert.equal((await rig.run('key', 'revoke', 'twin')).code, 0);
  assertOneSentence(await rig.run('key', 'revoke', 'twin'), /^There is no active relay key "twin"\./);
  assert.match((await rig.run('key', 'list')).stdout, /\ntwin .* revoked .*\ntwin .* revoked /);
});

test('what the command line changes is live in a running relay within a second', async () => {
  using rig = openCommandRig();
  const relay = await startRelayProcess(rig.env);
  try {
    assert.ok(relay.key);
    const call = (key: string): Promise<number> =>
      ask({ url: relay.url, key }, messages, hello).then(({ status }) => status);
    assert.equal(await call(relay.key), 404);
    await addAnthropic(rig, 'a');
    await eventually(async () => assert.equal(await call(relay.key ?? ''), 200), 1_000);
    const made = (await rig.json('key', 'create', '--name', 'new')) as { key: string };
    await eventually(async () => assert.equal(await call(made.key), 200), 1_000);
    await rig.json('key', 'revoke', 'new');
    await eventually(async () => assert.equal(await call(made.key), 401), 1_000);
    await rig.json('account', 'remove', 'a');
    await eventually(async () => assert.equal(await call(relay.key ?? ''), 404), 1_000);
  } finally {
    relay.child.kill('SIGTERM');
    assert.equal(await relay.ended(), 0);
  }
});

interface UsageJson {
  readonly group_by: string;
  readonly data: readonly {
    readonly group: string;
    readonly calls: number;
    readonly charge_nano_usd: string;
  }[];
  readonly total_nano_usd: string;
}

test('usage by model, key and day adds up to the same total, and top-up is counted once', async () => {
  using rig = openCommandRig();
  await addAnthropic(rig, 'a');
  const relay = await startRelayProcess(rig.env);
  const other = (await rig.json('key', 'create', '--name', 'other')) as { key: string };
  await eventually(async () => {
    const { status } = await ask({ url: relay.url, key: other.key }, messages, hello);
    assert.equal(status, 200);
  });
  const { status } = await ask({ url: relay.url, key: relay.key ?? '' }, messages, hello);
  assert.equal(status, 200);
  relay.child.kill('SIGTERM');
  assert.equal(await relay.ended(), 0);
  const totals = new Set<string>();
  for (const by of ['model', 'key', 'day']) {
    const usage = (await rig.json('usage', '--by', by)) as UsageJson;
    assert.equal(usage.group_by, by);
    assert.equal(usage.data.length, by === 'key' ? 2 : 1);
    const sum = usage.data.reduce((total, row) => total + BigInt(row.charge_nano_usd), 0n);
    assert.equal(String(sum), usage.total_nano_usd);
    totals.add(usage.total_nano_usd);
  }
  assert.equal(totals.size, 1);
  assert.ok(BigInt([...totals][0] ?? '0') > 0n);
  const table = await rig.run('usage');
  assert.match(
    table.stdout,
    /^MODEL +CALLS +PROMPT TOKENS .*\nclaude-sonnet-4-5\S* +2 .*\ntotal +2 +\d+ +\d+ +\d+ +0\.\d+\n$/,
  );
  const topUp = ['top-up', '25', '--reference', 'invoice-7'];
  const first = (await rig.json(...topUp)) as { balance_usd: string };
  assert.deepEqual(await rig.json(...topUp), first);
  assertOneSentence(await rig.run('top-up', 'abc'), /It must be an amount in USD such as 25 or 0\.50\./);
});

test('every command prints one JSON value with --json', async () => {
  using rig = openCommandRig();
  const commands = [
    ['account', 'list'],
    ['account', 'test'],
    ['account', 'remove', 'a'],
    ['key', 'create', '--name', 'k'],
    ['key', 'list'],
    ['key', 'revoke', 'k'],
    ['usage'],
    ['models'],
    ['top-up', '1'],
    ['doctor'],
  ];
  assert.equal(typeof (await addAnthropic(rig, 'a')), 'object');
  for (const command of commands) assert.equal(typeof (await rig.json(...command)), 'object');
});

interface Finding {
  readonly check: string;
  readonly verdict: string;
  readonly detail: string;
  readonly fix?: string;
}

test('doctor ends with 0 on a healthy installation and with 1 and a fix on a wrong credential', async () => {
  using rig = openCommandRig();
  await addAnthropic(rig, 'good');
  const healthy = (await rig.json('doctor')) as Finding[];
  assert.deepEqual([...new Set(healthy.map(({ verdict }) => verdict))], ['ok']);
  assert.deepEqual(
    [...new Set(healthy.map(({ check }) => check))],
    ['folder', 'disk', 'clock', 'database', 'books', 'account good'],
  );
  await addAnthropic(rig, 'wrong', 'sk-ant-invalid-000000');
  const { code, stdout } = await rig.run('doctor');
  assert.equal(code, 1);
  assert.match(stdout, /^\[ok\] {6}account good: answered in /m);
  assert.match(
    stdout,
    /^\[broken\] {2}account wrong: The upstream refused the credential \(HTTP 401\)\. Check the API key/m,
  );
});

test('doctor finds secrets that others can read and a database that is none, also as JSON', async () => {
  using rig = openCommandRig();
  const secrets = join(rig.dataDir, 'secrets');
  await rig.json('account', 'list');
  assert.deepEqual([modeOf(rig.dataDir), modeOf(secrets)], ['700', '700']);
  assert.equal(modeOf(join(secrets, 'master.key')), '600');
  assert.equal(modeOf(join(rig.dataDir, 'qingzhou.sqlite')), '600');
  chmodSync(rig.dataDir, 0o755);
  const warned = (await rig.json('doctor')) as Finding[];
  assert.equal(warned.find(({ verdict }) => verdict === 'warning')?.fix, `Run: chmod 700 ${rig.dataDir}`);
  chmodSync(rig.dataDir, 0o700);
  chmodSync(secrets, 0o755);
  assertOneSentence(await rig.run('key', 'list'), /can be read by other users .*Run: chmod 700 .*secrets\n$/);
  const open = await rig.run('doctor', '--json');
  const [finding, ...others] = JSON.parse(open.stdout) as Finding[];
  assert.deepEqual([open.code, finding?.verdict, others.length], [1, 'broken', 0]);
  assert.match(finding?.detail ?? '', /Run: chmod 700 /);
  chmodSync(secrets, 0o700);
  writeFileSync(join(rig.dataDir, 'qingzhou.sqlite'), 'not a database, but long enough to be one'.repeat(40));
  assertOneSentence(await rig.run('key', 'list'), /^The database .*qingzhou\.sqlite could not be opened: /);
  assert.match((await rig.run('doctor')).stdout, /^\[broken\] {2}data folder: The database /);
});

test('a database that another process keeps locked ends in one sentence', async () => {
  using rig = openCommandRig();
  await rig.json('key', 'list');
  const holder = new DatabaseSync(join(rig.dataDir, 'qingzhou.sqlite'));
  holder.exec('BEGIN IMMEDIATE');
  try {
    const result = await rig.run('key', 'create', '--name', 'k');
    assertOneSentence(result, /^Another process is writing to the database and does not end\. Try again/);
  } finally {
    holder.close();
  }
  assert.deepEqual(await rig.json('key', 'list'), []);
});

const misspelt: readonly (readonly [readonly string[], RegExp])[] = [
  [['acount', 'list'], /^Unknown command 'acount'\. Did you mean account\?\n$/],
  [['account', 'lst'], /^Unknown command 'lst'\. Did you mean list\?\n$/],
  [['key', 'list', '--jsn'], /^Unknown option '--jsn'\. Did you mean --json\?\n$/],
  [['frobnicate'], /^Unknown command 'frobnicate'\. Add --help to see what there is\.\n$/],
  [['usage', '--by', 'hour'], /Allowed choices are model, key, day\. Add --help/],
  [['usage', '--days', '-1'], /It must be a whole number, 1 or more\./],
  [['models', 'extra'], /^Too many arguments for 'models'\./],
  [['key', 'revoke'], /^Missing required argument 'name'\./],
];

test('what the command line does not know gets one sentence with a suggestion and exit code 1', async () => {
  using rig = openCommandRig();
  for (const [args, expected] of misspelt) assertOneSentence(await rig.run(...args), expected);
});
