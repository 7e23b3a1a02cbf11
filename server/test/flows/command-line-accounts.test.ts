import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startSimulator, type Simulator } from '@qingzhou/simulator';
import { assertOneSentence, filesWith, openCommandRig } from './command-rig.ts';

const credential = 'sk-ant-canary-0123456789abcdef';
/** A port on which nothing listens: the discard port is reserved and needs a superuser. */
const nowhere = 'http://127.0.0.1:9';
let simulator: Simulator;

before(async () => {
  simulator = await startSimulator();
});
after(() => simulator.close());

interface AccountJson {
  readonly name: string;
  readonly models: readonly string[] | null;
  readonly model_map: Record<string, string>;
  readonly has_proxy: boolean;
  readonly reachable: boolean | null;
  readonly problem?: string;
  readonly fix?: string;
}

const anthropic = ['account', 'add', '--kind', 'anthropic', '--credential', credential] as const;

test('account add asks the upstream for its models', async () => {
  using rig = openCommandRig();
  const added = (await rig.json(...anthropic, '--name', 'a', '--base-url', simulator.url)) as AccountJson;
  assert.equal(added.reachable, true);
  assert.ok(added.models?.includes('claude-sonnet-4-20250514'));
  const human = await rig.run(...anthropic, '--name', 'b', '--base-url', `${simulator.url}/`);
  assert.equal(human.code, 0);
  assert.equal(
    human.stdout,
    `Connected b: ${added.models?.length} models. A running relay uses it within a second.\n`,
  );
});

test('account add with --models does not call the upstream; repeated --map pairs add up', async () => {
  using rig = openCommandRig();
  const maps = ['--map', 'fast=claude-haiku-4-5,slow=claude-opus-4-5', '--map', 'best=claude-opus-4-5'];
  const added = (await rig.json(
    ...anthropic,
    '--name',
    'a',
    '--base-url',
    nowhere,
    '--models',
    'claude-*',
    ...maps,
  )) as AccountJson;
  assert.equal(added.reachable, null);
  assert.deepEqual(added.models, ['claude-*']);
  assert.deepEqual(added.model_map, {
    fast: 'claude-haiku-4-5',
    slow: 'claude-opus-4-5',
    best: 'claude-opus-4-5',
  });
  const models = (await rig.json('models')) as { model: string }[];
  assert.deepEqual(
    models.map(({ model }) => model),
    ['best', 'fast', 'slow'],
  );
});

test('an unreachable upstream is added all the same, with a warning that says why', async () => {
  using rig = openCommandRig();
  const human = await rig.run(...anthropic, '--name', 'away', '--base-url', nowhere);
  assert.equal(human.code, 0);
  assert.match(human.stdout, /^Connected away: every model in the catalogue\./);
  assert.match(
    human.stdout,
    /\nWarning: it does not work yet\. The connection failed \(ECONNREFUSED\)\. Check /,
  );
  const compatible = ['account', 'add', '--kind', 'openai-compatible', '--name', 'local'];
  const bare = await rig.run(...compatible, '--base-url', nowhere);
  assert.match(bare.stdout, /^Connected local: no models\./);
  assert.match(bare.stdout, /\nWarning: it offers no model yet\. .*--models\.\n$/);
  const json = (await rig.json(...anthropic, '--name', 'away too', '--base-url', nowhere)) as AccountJson;
  assert.equal(json.reachable, false);
  assert.match(json.problem ?? '', /ECONNREFUSED/);
  assert.match(json.fix ?? '', /base URL/);
  assert.equal(((await rig.json('account', 'list')) as unknown[]).length, 3);
});

test('account add reads the credential from standard input', async () => {
  using rig = openCommandRig();
  const args = ['account', 'add', '--kind', 'anthropic', '--name', 'a', '--credential', '-'];
  const added = await rig.feed(`${credential}\n`, ...args, '--base-url', simulator.url, '--json');
  assert.equal(added.code, 0, added.stderr);
  assert.equal((JSON.parse(added.stdout) as AccountJson).reachable, true);
  assert.equal(simulator.requests.at(-1)?.status, 200);
  assertOneSentence(await rig.feed('\n', ...args), /^An API key is needed: /);
});

const refusals: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['no credential', ['--kind', 'anthropic', '--name', 'a'], /^An API key is needed: --credential KEY/],
  [
    'a credential with a line break in it',
    ['--kind', 'anthropic', '--name', 'a', '--credential', 'sk-one\nsk-two'],
    /^The API key has blanks/,
  ],
  [
    'a base URL of another kind',
    ['--kind', 'openai', '--name', 'a', '--credential', 'x', '--base-url', 'ftp://example.org'],
    /^--base-url must be an http or https address, and "ftp:\/\/example.org" is not\./,
  ],
  [
    'a base URL that is none',
    ['--kind', 'openai', '--name', 'a', '--credential', 'x', '--base-url', 'example'],
    /^--base-url must be .*"example" is not\./,
  ],
  [
    'no base URL where there is no default',
    ['--kind', 'openai-compatible', '--name', 'a'],
    /needs --base-url or --preset \(deepseek, /,
  ],
  [
    'an unknown preset',
    ['--kind', 'openai-compatible', '--name', 'a', '--preset', 'deepsek'],
    /has no preset "deepsek"\. Presets: deepseek, /,
  ],
  [
    'a proxy that is no address',
    ['--kind', 'openai', '--name', 'a', '--credential', 'x', '--proxy', 'user:secret@proxy'],
    /^--proxy must be an http:\/\/, https:\/\/ or socks5:\/\/ address\.\n$/,
  ],
  [
    'a map that is no pair',
    ['--kind', 'openai', '--name', 'a', '--credential', 'x', '--map', 'gpt-4.1'],
    /^--map takes offered=upstream pairs, and "gpt-4.1" is not one\./,
  ],
  ['an unknown kind', ['--kind', 'antropic', '--name', 'a'], /Allowed choices are anthropic, openai, gemini/],
  ['no name', ['--kind', 'openai', '--credential', 'x'], /required option '--name <name>'/i],
  [
    'an empty name',
    ['--kind', 'openai', '--name', ' ', '--credential', 'x', '--models', 'm'],
    /needs a name/,
  ],
];

test('account add refuses what cannot be meant, in one sentence, and stores nothing', async (t) => {
  using rig = openCommandRig();
  for (const [what, args, expected] of refusals) {
    await t.test(what, async () => assertOneSentence(await rig.run('account', 'add', ...args), expected));
  }
  assert.deepEqual(await rig.json('account', 'list'), []);
});

test('a name is given once', async () => {
  using rig = openCommandRig();
  const add = [...anthropic, '--name', 'a', '--models', 'm'];
  assert.equal((await rig.run(...add)).code, 0);
  assertOneSentence(
    await rig.run(...add),
    /^There is an upstream account named "a" already\. Choose another/,
  );
});

test('account list and test are tables; test tells what is wrong and ends with 1', async () => {
  using rig = openCommandRig();
  await rig.json(...anthropic, '--name', 'good', '--base-url', simulator.url);
  const wrong = [
    'account',
    'add',
    '--kind',
    'openai',
    '--name',
    'wrong',
    '--credential',
    'sk-invalid-000000',
  ];
  const warned = await rig.run(...wrong, '--base-url', `${simulator.url}/v1`, '--region', 'eu');
  assert.match(warned.stdout, /\nWarning: it does not work yet\. The upstream refused the credential/);
  const list = await rig.run('account', 'list');
  const [titles, ...rows] = list.stdout.trimEnd().split('\n');
  assert.match(titles ?? '', /^NAME {3}KIND {7}MODELS +BASE URL +REGION {2}PRIORITY$/);
  assert.deepEqual(
    rows.map((row) => row.indexOf('http')),
    [titles?.indexOf('BASE URL'), titles?.indexOf('BASE URL')],
  );
  const tested = await rig.run('account', 'test');
  assert.equal(tested.code, 1);
  assert.match(tested.stdout, /^good +ok +\d+ ms +\d+$/m);
  assert.match(tested.stdout, /^wrong +FAILED +\d+ ms +-$/m);
  assert.match(
    tested.stdout,
    /^wrong: The upstream refused the credential \(HTTP 401\)\. Check the API key/m,
  );
  const json = await rig.run('account', 'test', '--json');
  assert.equal(json.code, 1);
  assert.deepEqual(
    (JSON.parse(json.stdout) as AccountJson[]).map(({ name, reachable }) => [name, reachable]),
    [
      ['good', true],
      ['wrong', false],
    ],
  );
  assert.equal((await rig.run('account', 'test', 'good')).code, 0);
  assertOneSentence(
    await rig.run('account', 'test', 'god'),
    /^There is no upstream account "god"\. Accounts: good, wrong\./,
  );
});

test('account remove takes it off the list; its name can be used again', async () => {
  using rig = openCommandRig();
  const add = [...anthropic, '--name', 'a', '--models', 'm'];
  await rig.json(...add);
  const removed = (await rig.json('account', 'remove', 'a')) as { removed: boolean };
  assert.equal(removed.removed, true);
  assert.deepEqual(await rig.json('account', 'list'), []);
  assertOneSentence(await rig.run('account', 'remove', 'a'), /^There is no upstream account "a"\./);
  assert.equal((await rig.run(...add)).code, 0);
});

test('neither credential nor proxy password is printed or kept in clear', async () => {
  using rig = openCommandRig();
  const proxy = ['--proxy', 'socks5://me:proxy-canary-9876@127.0.0.1:9'];
  const outputs = [
    await rig.run(...anthropic, '--name', 'a', '--base-url', simulator.url, ...proxy),
    await rig.run(...anthropic, '--name', 'b', '--models', 'm', ...proxy, '--json'),
    await rig.run('account', 'list'),
    await rig.run('account', 'list', '--json'),
    await rig.run('account', 'test', '--json'),
    await rig.run('doctor'),
    await rig.run('doctor', '--json'),
  ];
  for (const { stdout, stderr } of outputs) {
    assert.notEqual(stdout, '');
    assert.doesNotMatch(stdout + stderr, /canary/);
  }
  const [first] = JSON.parse(outputs[3]?.stdout ?? '') as AccountJson[];
  assert.equal(first?.has_proxy, true);
  assert.deepEqual(filesWith(rig.dataDir, 'canary'), []);
  assert.notDeepEqual(filesWith(rig.dataDir, 'acc_'), [], 'the search itself must find what is there');
});
