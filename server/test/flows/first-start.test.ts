import assert from 'node:assert/strict';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { test } from 'node:test';
import { startSimulator } from '@qingzhou/simulator';
import { assertOneSentence, openCommandRig, type CommandRig } from './command-rig.ts';
import { eventually } from './eventually.ts';
import { startRelayProcess, type RelayProcess } from './relay-process.ts';
import { ask, wireClients } from './wire-clients.ts';

interface Started {
  readonly url: string;
  readonly base_url: string;
  readonly key: string | null;
  readonly demo: boolean;
  readonly accounts: number;
}

/** Starts, waits until it listens, stops; gives what it printed. */
async function startOnce(rig: CommandRig, env: Readonly<Record<string, string>> = {}): Promise<RelayProcess> {
  const relay = await startRelayProcess({ ...rig.env, ...env });
  await stop(relay);
  return relay;
}

async function stop(relay: RelayProcess): Promise<void> {
  relay.child.kill('SIGTERM');
  assert.equal(await relay.ended(), 0);
}

test('provider keys in the environment become accounts once; a removed one does not come back', async () => {
  using rig = openCommandRig();
  const keys = {
    ANTHROPIC_API_KEY: 'sk-ant-environment-000',
    OPENAI_API_KEY: 'sk-environment-000',
    GEMINI_API_KEY: 'AIzaEnvironment000',
  };
  const names = async (): Promise<readonly string[]> => {
    const accounts = (await rig.json('account', 'list')) as { name: string; kind: string }[];
    return accounts.map(({ name, kind }) => `${name} ${kind}`);
  };
  await startOnce(rig, keys);
  const all = ['anthropic anthropic', 'openai openai', 'gemini gemini'];
  assert.deepEqual(await names(), all);
  await startOnce(rig, keys);
  assert.deepEqual(await names(), all);
  await rig.json('account', 'remove', 'openai');
  await startOnce(rig, keys);
  assert.deepEqual(await names(), ['anthropic anthropic', 'gemini gemini']);
});

test('the first relay key is made and shown on the first start that succeeds, and never again', async () => {
  using rig = openCommandRig();
  await using busy = await occupyPort();
  const failed = await rig.run('start', '--port', String(busy.port), '--json');
  assert.equal(failed.code, 1);
  assert.deepEqual(await rig.json('key', 'list'), [], 'a key that nobody saw');
  const first = await startRelayProcess(rig.env);
  assert.match(first.key ?? '', /^sk-qz-/);
  const headers = { authorization: `Bearer ${first.key}` };
  assert.equal((await fetch(`${first.url}/v1/models`, { headers })).status, 200);
  await stop(first);
  const second = await startOnce(rig);
  assert.equal(second.key, null);
  const keys = (await rig.json('key', 'list')) as { name: string }[];
  assert.deepEqual(
    keys.map(({ name }) => name),
    ['first'],
  );
});

test('the second start listens in under 2 s', async () => {
  using rig = openCommandRig();
  await startOnce(rig);
  const times: number[] = [];
  while (times.length < 3 && !times.some((time) => time < 2_000)) {
    const begun = performance.now();
    const relay = await startRelayProcess(rig.env);
    times.push(performance.now() - begun);
    await stop(relay);
  }
  assert.ok(Math.min(...times) < 2_000, `${times.map(Math.round).join(', ')} ms`);
});

test('the banner says where to go and what to do next in under ten lines', async () => {
  using rig = openCommandRig();
  const banner = await bannerOf(rig, []);
  assert.ok(banner.length < 10, banner.join('\n'));
  const text = banner.join('\n');
  assert.match(text, /^Qingzhou is running at http:\/\/127\.0\.0\.1:\d+$/m);
  assert.match(text, /base URL for OpenAI clients +http:\/\/127\.0\.0\.1:\d+\/v1$/m);
  assert.match(text, /relay key \(shown only now\) +sk-qz-\w+$/m);
  assert.match(text, /No upstream account yet\. Connect one: npm run qz -- account add /);
  assert.doesNotMatch(text, /simulated|DEMO/i);
});

test('the banner of the demo says plainly that everything is simulated', async () => {
  using rig = openCommandRig();
  const banner = await bannerOf(rig, ['--demo']);
  assert.ok(banner.length < 10, banner.join('\n'));
  assert.match(
    banner.join('\n'),
    /DEMO: all accounts are simulated\. .*no provider is called, nothing is billed/,
  );
  assert.match(banner.join('\n'), /relay key .*sk-qz-\w+\n/);
});

/** The lines printed for people, read from a start that is stopped as soon as the last of them is there. */
async function bannerOf(rig: CommandRig, args: readonly string[]): Promise<readonly string[]> {
  const relay = await startRelayProcess(rig.env, args, { isForPeople: true });
  await eventually(() => assert.match(relay.printed().at(-1) ?? '', /^Stop with Ctrl\+C/));
  await stop(relay);
  return relay.printed();
}

test('the demo answers in all four protocols with the printed key and leaves the real data alone', async () => {
  using rig = openCommandRig();
  await rig.json('key', 'create', '--name', 'real');
  const before = contentOf(rig.dataDir);
  const relay = await startRelayProcess({ ...rig.env, OPENAI_API_KEY: 'sk-real-000' }, ['--demo']);
  const started = JSON.parse(relay.printed()[0] ?? '') as Started;
  assert.deepEqual([started.demo, started.accounts, started.base_url], [true, 3, `${relay.url}/v1`]);
  assert.ok(relay.key);
  for (const client of wireClients) {
    for (const isStream of [false, true]) {
      const answer = await ask({ url: relay.url, key: relay.key }, client, { prompt: 'Hello!', isStream });
      assert.equal(answer.status, 200, `${client.name}: ${answer.text}`);
    }
  }
  const again = await rig.run('start', '--demo', '--port', '0');
  assertOneSentence(again, /^Another relay is running on the data folder .*demo\. Stop it first, /);
  const models = await fetch(`${relay.url}/v1/models`, { headers: { 'x-api-key': relay.key } });
  assert.equal(models.status, 200, 'the refused second demo must leave the first alone');
  await stop(relay);
  rmSync(join(rig.dataDir, 'demo'), { recursive: true });
  assert.deepEqual(contentOf(rig.dataDir), before);
});

/** Every file with its bytes. SQLite's `-wal` and `-shm` come and go with the processes that read. */
function contentOf(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    files
      .filter((file) => file.isFile() && !/-(?:wal|shm)$/.test(file.name))
      .map((file) => join(file.parentPath, file.name))
      .sort()
      .map((path) => [path, readFileSync(path, 'base64')]),
  );
}

async function occupyPort(): Promise<{ port: number; [Symbol.asyncDispose](): Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** What is said before the failure in every start of a Node below the floor; the sentence comes after it. */
function withoutRuntimeWarning(stderr: string): string {
  return stderr.replace(/^Warning: Node v\S+ is older than its security release .*\n/, '');
}

test('a port in use, a folder that cannot be, an unknown setting: one sentence and exit code 1', async (t) => {
  using rig = openCommandRig();
  await using busy = await occupyPort();
  const file = join(rig.dataDir, 'a-file');
  writeFileSync(file, '');
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
    [
      'port in use',
      { QINGZHOU_PORT: String(busy.port) },
      new RegExp(`^Port ${busy.port} is in use\\. Stop what uses it, or choose another: QINGZHOU_PORT=`),
    ],
    [
      'data folder below a file',
      { QINGZHOU_DATA_DIR: join(file, 'data') },
      /^Cannot create the folder .*a-file.*: .*choose another QINGZHOU_DATA_DIR/i,
    ],
    [
      'data folder where none can be made',
      { QINGZHOU_DATA_DIR: '/proc/qingzhou/data' },
      /^Cannot create the folder \/proc\/qingzhou.*choose another QINGZHOU_DATA_DIR\.$/im,
    ],
    [
      'unknown setting',
      { QINGZHOU_PROT: '1' },
      /^QINGZHOU_PROT is not a setting of Qingzhou\. Did you mean QINGZHOU_PORT\?/,
    ],
    [
      'address of another machine',
      { QINGZHOU_HOST: '192.0.2.1' },
      /^This machine has no address "192\.0\.2\.1"\./,
    ],
    ['port that is none', { QINGZHOU_PORT: 'http' }, /^QINGZHOU_PORT is "http", but must be a whole number/],
  ];
  for (const [what, env, expected] of cases) {
    await t.test(what, async () => {
      const result = await rig.runWith(env, 'start');
      assertOneSentence({ ...result, stderr: withoutRuntimeWarning(result.stderr) }, expected);
    });
  }
});

test('a second relay on the same data folder is refused, and the first goes on', async () => {
  using rig = openCommandRig();
  const first = await startRelayProcess(rig.env);
  const second = await rig.runWith({ QINGZHOU_PORT: '0' }, 'start');
  assertOneSentence(
    { ...second, stderr: withoutRuntimeWarning(second.stderr) },
    /^Another relay is running on the data folder .*Stop it first, or set QINGZHOU_DATA_DIR to another folder\./,
  );
  assert.equal((await fetch(first.url, { method: 'HEAD' })).status, 200);
  await stop(first);
  await startOnce(rig);
});

test('SIGTERM lets an open stream end as it should, refuses new connections, then ends with 0', async () => {
  using rig = openCommandRig();
  const simulator = await startSimulator({ pace: 20 });
  try {
    const account = ['--kind', 'anthropic', '--name', 'a', '--credential', 'sk-ant-test-0000000000'];
    await rig.json('account', 'add', ...account, '--base-url', simulator.url);
    const relay = await startRelayProcess(rig.env);
    const client = wireClients.find(({ name }) => name === 'messages')!;
    const asked = ask({ url: relay.url, key: relay.key ?? '' }, client, {
      prompt: '[[tokens:50]]',
      isStream: true,
    });
    await eventually(() => assert.equal(simulator.openStreams(), 1));
    relay.child.kill('SIGTERM');
    await eventually(() => assert.rejects(fetch(relay.url, { method: 'HEAD' })));
    assert.equal(simulator.openStreams(), 1, 'the stream must still be open then');
    const answer = await asked;
    assert.deepEqual([answer.status, answer.isCut], [200, false]);
    assert.match(answer.text, client.terminal);
    assert.equal(await relay.ended(), 0);
    const usage = (await rig.json('usage')) as { data: { calls: number }[]; total_nano_usd: string };
    assert.equal(usage.data[0]?.calls, 1);
    assert.ok(BigInt(usage.total_nano_usd) > 0n);
  } finally {
    await simulator.close();
  }
});

test('an idle relay ends within a second of SIGTERM, with idle connections open', async () => {
  using rig = openCommandRig();
  const relay = await startRelayProcess(rig.env);
  await fetch(relay.url, { method: 'HEAD' });
  const begun = performance.now();
  relay.child.kill('SIGTERM');
  await once(relay.child, 'exit');
  assert.ok(performance.now() - begun < 1_000, `${Math.round(performance.now() - begun)} ms`);
  assert.equal(await relay.ended(), 0);
});
