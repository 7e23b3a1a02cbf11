import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { startSimulator, type Simulator } from '@qingzhou/simulator';
import { openCommandRig, type CommandRig } from './command-rig.ts';
import { codeBlocks, recognize, shellCommands } from './documented-commands.ts';
import { preparePython, type PythonEnvironment } from './python-environment.ts';
import { repositoryRoot } from './repository-root.ts';

const page = (name: string): string => readFileSync(join(repositoryRoot, name), 'utf8');
const readme = page('README.md');
const { scripts } = JSON.parse(page('package.json')) as { scripts: Record<string, string> };
let simulator: Simulator;
let python: PythonEnvironment;
let rig: CommandRig;

before(async () => {
  simulator = await startSimulator();
  python = await preparePython();
  rig = openCommandRig();
});
after(async () => {
  rig[Symbol.dispose]();
  await simulator.close();
});

/** The only things that are not run as they stand: what the reader is told to replace, and where the providers are. */
function filledIn(text: string, facts: { readonly url?: string; readonly key?: string } = {}): string {
  const substitutes: readonly (readonly [string, string])[] = [
    ['http://127.0.0.1:8787', facts.url ?? 'http://127.0.0.1:8787'],
    ['sk-qz-...', facts.key ?? 'sk-qz-...'],
    ['--name main --credential -', `--name main --credential - --base-url ${simulator.url}`],
    ['--credential your-anthropic-key', `--credential sk-ant-readme-000000 --base-url ${simulator.url}`],
    ['--credential your-deepseek-key', `--credential sk-readme-000000 --base-url ${simulator.url}/v1`],
    ['ANTHROPIC_API_KEY=your-anthropic-key', 'ANTHROPIC_API_KEY=sk-ant-readme-000000'],
  ];
  return substitutes.reduce((done, [from, to]) => done.replaceAll(from, to), text);
}

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function spawnAt(file: string, args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
  return spawn(file, args, { cwd: repositoryRoot, env: { PATH: path, ...env } });
}

async function runToEnd(child: ChildProcess, input = ''): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr?.on('data', (chunk) => {
    stderr += String(chunk);
  });
  child.stdin?.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

interface Started {
  readonly url: string;
  readonly key: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Runs an `npm start` of the page until it has printed the address and the key it promises. */
async function start(command: string, folder: Readonly<Record<string, string>>): Promise<Started> {
  const known = recognize(filledIn(command), scripts);
  assert.equal(known.does, 'start');
  const env = { ...folder, ...known.env, QINGZHOU_PORT: '0', QINGZHOU_LOG_LEVEL: 'silent' };
  const child = spawnAt(process.execPath, known.args, env);
  const exit = once(child, 'exit') as Promise<[number | null]>;
  const promised = Promise.withResolvers<RegExpExecArray>();
  let printed = '';
  child.stdout?.on('data', (chunk) => {
    printed += String(chunk);
    const found = /(http:\/\/127\.0\.0\.1:\d+)\/v1\b[^]*(sk-qz-\w+)\n/.exec(printed);
    if (found !== null) promised.resolve(found);
  });
  void once(child, 'close').then(([code]) =>
    promised.reject(new Error(`"${command}" ended with ${code}: ${printed}`)),
  );
  const [, url = '', key = ''] = await promised.promise;
  return {
    url,
    key,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      assert.deepEqual(await exit, [0, null]);
    },
  };
}

/** Runs a command line of a page to its end; anything but success is a failure of the page. */
async function runCommandLine(command: string, on: CommandRig = rig): Promise<string> {
  const known = recognize(filledIn(command), scripts);
  assert.equal(known.does, 'command-line');
  const { code, stdout, stderr } = await runToEnd(
    spawnAt(process.execPath, known.args, on.env),
    // What `--credential -` reads.
    'sk-ant-readme-000000\n',
  );
  assert.equal(code, 0, `"${command}" ended with ${code}: ${stderr}${stdout}`);
  return stdout;
}

const commandsOf = (markdown: string): readonly string[] =>
  codeBlocks(markdown)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ code }) => shellCommands(code));
const all = commandsOf(readme);
const thatDo = (deed: string): readonly string[] =>
  all.filter((command) => recognize(command, scripts).does === deed);

test('every command of the README is one that these tests run', () => {
  assert.deepEqual(
    codeBlocks(readme).filter(({ language }) => language !== 'sh' && language !== 'python'),
    [],
  );
  const deeds = all.map((command) => recognize(command, scripts).does);
  assert.deepEqual([...new Set(deeds)].sort(), ['command-line', 'export', 'request', 'start', 'verify']);
});

test('the Chinese README has the same code, block by block', () => {
  assert.deepEqual(codeBlocks(page('README.zh-CN.md')), codeBlocks(readme));
});

test('every page that the README points at exists', () => {
  for (const name of ['README.md', 'README.zh-CN.md']) {
    const targets = [...page(name).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target = '']) => target);
    assert.ok(targets.length > 5);
    for (const target of targets) assert.ok(existsSync(join(repositoryRoot, target)), `${name}: ${target}`);
  }
});

test('an altered command is caught: by its name, or by how it ends', async () => {
  for (const command of all) {
    const altered = command
      .replace(/\bnpm\b/, 'nmp')
      .replace(/^curl/, 'crul')
      .replace(/^export/, 'exprot');
    assert.throws(() => recognize(altered, scripts), /No test knows how to run/, altered);
  }
  assert.throws(() => recognize('npm run qzz -- account list', scripts), /No test knows/);
  assert.throws(() => recognize('npm start --demo', scripts), /No test knows/);
  assert.throws(() => recognize('npm run test -- --fast', scripts), /No test knows/);
  await assert.rejects(runCommandLine('npm run qz -- acount list'), /Did you mean account\?/);
  await assert.rejects(runCommandLine('npm run qz -- account list --jsn'), /Did you mean --json\?/);
  await assert.rejects(start('npm start -- --dmo', rig.env), /"npm start -- --dmo" ended with 1/);
});

test('blocks and commands are taken out whole', () => {
  const blocks = codeBlocks("a\n```sh\none \\\n  two\n\nthree '4\n5'\n```\nb\n```python\nx = 1\n```\n");
  assert.deepEqual(blocks[1], { language: 'python', code: 'x = 1\n' });
  assert.deepEqual(shellCommands(blocks[0]?.code ?? ''), ['one \\\n  two', "three '4\n5'"]);
  assert.throws(() => shellCommands('curl -d "open\n'), /ends within a command/);
});

test('the first call, as the README has it: the demo starts, Python and curl get answers and the cost', async (t) => {
  const [demo = '', real = ''] = thatDo('start');
  assert.match(demo, /--demo$/);
  await using relay = await start(demo, rig.env);
  const exported = thatDo('export').map((command) => filledIn(command, relay));
  const requests = thatDo('request').map((command) => filledIn(command, relay));
  const callersRequests = commandsOf(page('docs/callers.md')).map((command) => filledIn(command, relay));
  for (const text of [...exported, ...requests]) assert.doesNotMatch(text, /8787|sk-qz-\.\.\.|your-/);

  for (const { code } of codeBlocks(readme).filter(({ language }) => language === 'python')) {
    await t.test('the Python example', async (example) => {
      if (!python.isReady) {
        example.skip(python.reason);
        return;
      }
      const shell = [...exported, 'exec "$PYTHON" -'].join('\n');
      // The first example must not live on what only the second is told to export.
      const script = code.includes('base_url') ? 'exec "$PYTHON" -' : shell;
      const child = spawnAt('bash', ['--norc', '-ec', script], { PYTHON: python.python });
      const { code: exitCode, stdout, stderr } = await runToEnd(child, filledIn(code, relay));
      assert.equal(exitCode, 0, stderr);
      assert.notEqual(stdout.trim(), '');
    });
  }
  const [streamed = '', usage = '', ...others] = requests;
  assert.deepEqual(others, []);
  const answer = await runToEnd(spawnAt('bash', ['--norc', '-ec', streamed], {}));
  assert.equal(answer.code, 0, answer.stderr);
  assert.match(answer.stdout, /^data: \{.*"content":"[^"]+"/m);
  assert.match(answer.stdout, /\ndata: \[DONE\]\n\n$/);
  const cost = await runToEnd(spawnAt('bash', ['--norc', '-ec', usage], {}));
  const report = JSON.parse(cost.stdout) as { data: { calls: number }[] };
  assert.ok(Number(report.data[0]?.calls) >= (python.isReady ? 3 : 1), cost.stdout);
  assert.match(cost.stdout, /"total_\w*usd":"0\.0\d+"|"charge_usd":"0\.0\d+"/);
  assert.match(real, /^ANTHROPIC_API_KEY=/);
  assert.equal(callersRequests.length, 2);
  for (const request of callersRequests) {
    assert.equal(recognize(request, scripts).does, 'request');
    const { stdout } = await runToEnd(spawnAt('bash', ['--norc', '-ec', request], {}));
    assert.ok((JSON.parse(stdout) as { data: unknown[] }).data.length > 0, `${request}: ${stdout}`);
  }
});

test('the start with a provider key makes it an account and prints address and key', async () => {
  const [, real = '', ...others] = thatDo('start');
  assert.deepEqual(others, []);
  using own = openCommandRig();
  {
    await using relay = await start(real, own.env);
    const models = await fetch(`${relay.url}/v1/models`, { headers: { 'x-api-key': relay.key } });
    assert.match(await models.text(), /claude-sonnet-4-20250514/);
  }
  const accounts = (await own.json('account', 'list')) as { kind: string }[];
  assert.deepEqual(
    accounts.map(({ kind }) => kind),
    ['anthropic'],
  );
});

test('the commands for accounts and keys do what they say', async () => {
  const printed: string[] = [];
  for (const command of thatDo('command-line')) printed.push(await runCommandLine(command));
  const text = printed.join('\n');
  assert.match(text, /^Connected main: \d+ models\./m);
  assert.match(text, /^Connected deepseek: \d+ models\./m);
  assert.match(text, /^main +anthropic /m);
  assert.match(text, /^sk-qz-\w+$/m);
  assert.match(text, /^\[ok\] +books: /m);
  assert.doesNotMatch(text, /\[(?:warning|broken)\]/);
});

test('the commands of the operators page work in the order in which they stand', async () => {
  using own = openCommandRig();
  const commands = commandsOf(page('docs/operators.md'));
  assert.ok(commands.length >= 6);
  const printed: string[] = [];
  for (const command of commands) printed.push(await runCommandLine(command, own));
  assert.match(printed.join('\n'), /^main +ok +\d+ ms/m);
  assert.match(printed.at(-1) ?? '', /^Revoked laptop\./);
});
