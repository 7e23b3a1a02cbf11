import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startSimulator, type Simulator } from '@qingzhou/simulator';
import { runCommand, startRelayProcess } from './relay-process.ts';
import { ask, wireClients } from './wire-clients.ts';

const callsAtOnce = 200;
let simulator: Simulator;
let dataDir: string;

before(async () => {
  simulator = await startSimulator({ pace: 1 });
  dataDir = mkdtempSync(join(tmpdir(), 'qingzhou-crash-'));
});
after(async () => {
  await simulator.close();
  rmSync(dataDir, { recursive: true, force: true });
});

test('kill -9 during 200 concurrent calls: every answer that was seen complete is charged once, nothing else is', async () => {
  const env = { QINGZHOU_DATA_DIR: dataDir };
  const accounts = [
    ['anthropic', 'sk-ant-test-0000000000', simulator.url],
    ['openai', 'sk-test-0000000000', `${simulator.url}/v1`],
    ['gemini', 'AIzaTest000000000000000000000000000000', simulator.url],
  ] as const;
  for (const [kind, credential, baseUrl] of accounts) {
    const added = await runCommand(
      env,
      [
        'account',
        'add',
        '--kind',
        kind,
        '--name',
        kind,
        '--credential',
        '-',
        '--base-url',
        baseUrl,
        '--json',
      ],
      credential,
    );
    assert.equal(added.code, 0, added.stderr);
  }
  const completed = new Set<string>();
  const begun = new Set<string>();
  let key = '';
  for (const round of [1, 2, 3]) {
    const relay = await startRelayProcess(env);
    key = relay.key ?? key;
    let done = 0;
    const calls = Array.from({ length: callsAtOnce }, async (_, index) => {
      const client = wireClients[index % wireClients.length]!;
      const isStream = index % 2 === 0;
      // Longer and longer, so that the kill meets calls in every stage.
      const prompt = `[[tokens:${5 + index}]]`;
      const answer = await ask({ url: relay.url, key }, client, { prompt, isStream }).catch(() => undefined);
      const callId = answer?.headers.get('x-relay-call-id');
      if (answer === undefined || callId === null || callId === undefined) return;
      assert.equal(answer.status, 200, answer.text);
      begun.add(callId);
      if (isComplete(answer.isCut, answer.text, isStream ? client.terminal : /\}\s*$/)) completed.add(callId);
      done += 1;
      if (done === 30 * round) relay.child.kill('SIGKILL');
    });
    await Promise.all(calls);
    assert.equal(await relay.ended(), 'SIGKILL');
  }
  assert.ok(completed.size >= 90, `${completed.size} complete answers`);
  assert.ok(begun.size > completed.size, 'some answers must have been cut');

  const relay = await startRelayProcess(env);
  const headers = { authorization: `Bearer ${key}` };
  for (const callId of completed) {
    const response = await fetch(`${relay.url}/v1/calls/${callId}`, { headers });
    assert.equal(response.status, 200, `complete call ${callId} is not in the book`);
    const call = (await response.json()) as { outcome: string; charge_nano_usd: string };
    assert.equal(call.outcome, 'success');
    assert.ok(BigInt(call.charge_nano_usd) > 0n);
  }
  relay.child.kill('SIGTERM');
  assert.equal(await relay.ended(), 0);
  const doctor = await runCommand(env, ['doctor', '--json']);
  const findings = JSON.parse(doctor.stdout) as { check: string; verdict: string; detail: string }[];
  const books = findings.find(({ check }) => check === 'books');
  assert.equal(books?.verdict, 'ok', doctor.stdout);
  const database = findings.find(({ check }) => check === 'database');
  assert.equal(database?.verdict, 'ok', doctor.stdout);
});

/** What a client would take for a whole answer. */
function isComplete(isCut: boolean, text: string, terminal: RegExp): boolean {
  return !isCut && terminal.test(text);
}
