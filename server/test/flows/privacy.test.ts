import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLog } from '../../src/observe/log.ts';
import { bootRelay } from './boot-relay.ts';
import { eventually } from './eventually.ts';
import { ask, wireClients } from './wire-clients.ts';

/** Strings that must never be found anywhere but in the answers themselves. */
const promptCanary = 'canary-prompt-7f3a91';
const answerCanary = 'canary-answer-52c0de';

const faults = [
  '',
  '400 message=canary-upstream-11aa22',
  '401',
  '404',
  '413',
  '429',
  '500 message=canary-upstream-11aa22',
  '529',
  'reset-before-headers',
  'reset-mid-stream after-frames=4',
  'truncated-json',
  'garbage',
  'html-page',
  'empty-content',
  'overloaded-before-content',
  'overloaded-mid-stream',
  'stall-mid-stream after-frames=4',
  'missing-usage',
];

test('what callers send and models answer is in no log, no observation, no database and no file', async () => {
  await using relay = await bootRelay({
    env: {
      QINGZHOU_FIRST_BYTE_TIMEOUT: '300ms',
      QINGZHOU_IDLE_TIMEOUT: '300ms',
      QINGZHOU_RATE_LIMIT_WAIT: '0ms',
    },
  });
  const lines: string[] = [];
  const logs = (['text', 'json'] as const).map((format) =>
    createLog({ level: 'debug', format, now: () => new Date(), write: (line) => lines.push(line) }),
  );
  let answered = 0;
  for (const client of wireClients) {
    for (const fault of faults) {
      for (const isStream of [false, true]) {
        const prompt = `${promptCanary} [[say:${answerCanary} and more words to stream]] ${fault === '' ? '' : `[[fault:${fault}]]`}`;
        const answer = await ask(relay, client, { prompt, isStream });
        if (answer.text.includes(answerCanary.slice(0, 6))) answered += 1;
        for (const { record } of relay.app.relay.table().accounts) relay.app.relay.health.reset(record.id);
      }
    }
  }
  assert.ok(answered > 8, 'the canaries must really have travelled');
  // Refusals before any upstream is asked, with canaries where a careless message would quote them.
  await refusals(relay.url, relay.key);
  await eventually(() => assert.equal(relay.app.data.openCalls(), 0));
  for (const observation of relay.observations) for (const log of logs) log(observation);
  await relay.workspace.store.integrity();

  const haystacks = new Map<string, string>([['log', lines.join('')]]);
  for (const path of filesBelow(relay.dataDir)) haystacks.set(path, readFileSync(path, 'latin1'));
  assert.ok(haystacks.size >= 3);
  assert.ok(
    [...haystacks.values()].some((text) => text.includes('org_default')),
    'the search must be able to find things',
  );
  for (const [place, text] of haystacks) {
    for (const canary of [
      'canary-',
      relay.key,
      'sk-test-0000000000',
      'sk-ant-test-0000000000',
      'AIzaTest0000',
    ]) {
      assert.ok(!text.includes(canary), `${canary} was found in ${place}`);
    }
  }
});

async function refusals(url: string, key: string): Promise<void> {
  const bodies = [
    `{"model":"${promptCanary}","messages":[{"role":"user","content":"${promptCanary}"}]}`,
    `{"model":"gpt-4.1-mini","messages":"${promptCanary}"`,
    `{"model":"gpt-4.1-mini","${promptCanary}":1,"messages":[{"role":"${promptCanary}","content":"x"}]}`,
    promptCanary,
  ];
  for (const path of [
    '/v1/chat/completions',
    '/v1/messages',
    '/v1/responses',
    '/v1/embeddings',
    `/v1/${promptCanary}`,
    `/v1beta/models/${promptCanary}:generateContent`,
  ]) {
    for (const body of bodies) {
      for (const credential of [key, `sk-qz-${promptCanary}`]) {
        const response = await fetch(url + path, {
          method: 'POST',
          body,
          headers: { authorization: `Bearer ${credential}` },
        });
        await response.text();
      }
    }
  }
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}
