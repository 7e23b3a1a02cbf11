import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startSimulator, type Simulator } from '@qingzhou/simulator';
import { assertOneSentence, filesWith, openCommandRig } from './command-rig.ts';

const resourceKey = '0123456789abcdef0123456789abcdef';
let simulator: Simulator;

before(async () => {
  simulator = await startSimulator({ deployments: { 'our-mini': 'gpt-4.1-mini' } });
});
after(() => simulator.close());

interface AccountJson {
  readonly models: readonly string[] | null;
  readonly options: Readonly<Record<string, string>>;
  readonly reachable: boolean | null;
  readonly problem?: string;
}

test('a key file of Google Cloud is read from standard input, proven and sealed', async () => {
  using rig = openCommandRig();
  const key = simulator.cloud.serviceAccountKey();
  const file = JSON.stringify(key, undefined, 2);
  const args = ['account', 'add', '--kind', 'vertex', '--name', 'cloud', '--base-url', simulator.url];
  const added = await rig.feed(
    file,
    ...args,
    '--option',
    'location=europe-west4',
    '--credential',
    '-',
    '--json',
  );
  assert.equal(added.code, 0, added.stderr);
  const account = JSON.parse(added.stdout) as AccountJson;
  assert.equal(account.reachable, true, added.stdout);
  assert.ok(account.models?.includes('gemini-2.5-flash'));
  assert.deepEqual(account.options, { location: 'europe-west4' });
  assert.deepEqual(filesWith(rig.dataDir, key.private_key.split('\n')[1] ?? ''), []);
  const tested = await rig.run('account', 'test', 'cloud');
  assert.equal(tested.code, 0, tested.stdout + tested.stderr);
});

test('a credential that the cloud refuses is told with the account, and no part of it is shown', async () => {
  using rig = openCommandRig();
  const key = { ...simulator.cloud.serviceAccountKey(), client_email: 'gone@x.iam.gserviceaccount.com' };
  const args = ['account', 'add', '--kind', 'vertex', '--name', 'cloud', '--base-url', simulator.url];
  const added = await rig.feed(JSON.stringify(key), ...args, '--credential', '-');
  assert.equal(added.code, 0, added.stderr);
  assert.match(added.stdout, /does not work yet\. Google's token service gave no token \(HTTP 400\)/);
  assert.doesNotMatch(added.stdout, /gone@|PRIVATE/);
});

test('an Azure resource is proven by its key and by an application of Entra', async () => {
  using rig = openCommandRig();
  const base = ['account', 'add', '--kind', 'azure-openai', '--base-url', `${simulator.url}/azure`];
  const map = ['--map', 'gpt-4.1-mini=our-mini'];
  const byKey = (await rig.json(...base, ...map, '--name', 'a', '--credential', resourceKey)) as AccountJson;
  assert.equal(byKey.reachable, true);
  const application = JSON.stringify(simulator.cloud.application);
  const dated = ['--option', 'api-version=2025-04-01-preview'];
  const byToken = await rig.feed(
    application,
    ...base,
    ...map,
    ...dated,
    '--name',
    'b',
    '--credential',
    '-',
    '--json',
  );
  assert.equal((JSON.parse(byToken.stdout) as AccountJson).reachable, true, byToken.stdout);
  const claude = [
    'account',
    'add',
    '--kind',
    'foundry-claude',
    '--base-url',
    `${simulator.url}/azure/anthropic`,
  ];
  const beside = (await rig.json(...claude, '--name', 'c', '--credential', resourceKey)) as AccountJson;
  assert.equal(beside.reachable, true);
  const wrong = (await rig.json(...base, ...map, '--name', 'd', '--credential', 'wrong')) as AccountJson;
  assert.equal(wrong.reachable, false);
  assert.match(wrong.problem ?? '', /refused the credential/);
});

test('a setting that the kind does not have is refused by name', async () => {
  using rig = openCommandRig();
  const base = ['account', 'add', '--kind', 'vertex', '--name', 'a', '--credential', 'AQ.key'];
  assertOneSentence(await rig.run(...base, '--option', 'region=eu'), /no option "region".*location, project/);
  const azure = ['account', 'add', '--kind', 'azure-openai', '--name', 'a', '--credential', resourceKey];
  assertOneSentence(await rig.run(...azure), /needs --base-url/);
  const maybe = await rig.run(
    ...azure,
    '--base-url',
    'https://x.openai.azure.com',
    '--option',
    'responses=maybe',
  );
  assertOneSentence(maybe, /one of yes, no/);
});
