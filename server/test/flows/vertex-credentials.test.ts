import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { eventually } from './eventually.ts';
import { vertexAccount } from './vertex-account.ts';

/** What lets an account in at Google's cloud, how long it lasts, and what becomes of calls when it does not. */
const scratch = mkdtempSync(join(tmpdir(), 'qingzhou-subject-'));
let relay: BootedRelay;
let anthropic: Anthropic;
let google: GoogleGenAI;

before(async () => {
  relay = await bootRelay({
    accounts: (url, { cloud }) => [vertexAccount(url, JSON.stringify(cloud.serviceAccountKey()))],
  });
  anthropic = new Anthropic({ baseURL: relay.url, apiKey: relay.key, maxRetries: 0 });
  google = new GoogleGenAI({ apiKey: relay.key, httpOptions: { baseUrl: relay.url } });
});
after(async () => {
  await relay[Symbol.asyncDispose]();
  rmSync(scratch, { recursive: true });
});

test('a refused token is renewed in the same call, and the account stays in service', async () => {
  const { cloud, requests } = relay.simulator;
  await google.models.generateContent({ model: 'gemini-2.5-flash', contents: 'Hi' });
  const before = cloud.tokensIssued();
  for (const stream of [false, true]) {
    cloud.revokeTokens();
    const contents = '[[say:hi]]';
    const model = 'gemini-2.5-flash';
    if (stream) {
      let text = '';
      for await (const chunk of await google.models.generateContentStream({ model, contents })) {
        text += chunk.text ?? '';
      }
      assert.equal(text, 'hi');
    } else assert.equal((await google.models.generateContent({ model, contents })).text, 'hi');
  }
  assert.equal(cloud.tokensIssued(), before + 2);
  assert.equal(requests.filter(({ status }) => status === 401).length, 2);
  // At hand again: nobody waits, and nobody asks the token service.
  await anthropic.messages.create({
    model: 'claude-sonnet-4-5',
    max_tokens: 50,
    messages: [{ role: 'user', content: 'Hi' }],
  });
  assert.equal(cloud.tokensIssued(), before + 2);
});

test('a change of the configuration leaves the tokens of unchanged accounts alone', async () => {
  const ask = (): Promise<unknown> =>
    google.models.generateContent({ model: 'gemini-2.5-flash', contents: '[[say:hi]]' });
  await ask();
  const before = relay.simulator.cloud.tokensIssued();
  await relay.newKey({ name: 'another' });
  await relay.app.reload();
  await ask();
  assert.equal(relay.simulator.cloud.tokensIssued(), before);
});

test('a token that nears its end is renewed beside the calls', async () => {
  const { cloud } = relay.simulator;
  cloud.setTokenLifetime(32);
  cloud.revokeTokens();
  const ask = (): Promise<unknown> =>
    google.models.generateContent({ model: 'gemini-2.5-flash', contents: '[[say:hi]]' });
  await ask();
  const before = cloud.tokensIssued();
  await eventually(async () => {
    await ask();
    assert.ok(cloud.tokensIssued() > before);
  });
  cloud.setTokenLifetime(3599);
});

test("a workload from elsewhere is let in by the token in its file, through the account's own way out", async () => {
  const file = join(scratch, 'token');
  writeFileSync(file, 'not the right one');
  await using other = await bootRelay({
    env: { QINGZHOU_MAX_ATTEMPTS: '1' },
    accounts: (url, { cloud }) => [
      vertexAccount(url, JSON.stringify(cloud.externalAccount(file)), {
        options: { location: 'eu', project: cloud.projectId },
      }),
    ],
  });
  const client = new OpenAI({ baseURL: `${other.url}/v1`, apiKey: other.key, maxRetries: 0 });
  const wish = { model: 'claude-sonnet-4-5', messages: [{ role: 'user' as const, content: '[[say:hi]]' }] };
  await assert.rejects(client.chat.completions.create(wish), { status: 503 });
  writeFileSync(file, other.simulator.cloud.subjectToken);
  for (const account of await other.workspace.store.loadAccounts()) other.app.relay.health.reset(account.id);
  assert.equal((await client.chat.completions.create(wish)).choices[0]?.message.content, 'hi');
  const paths = other.simulator.requests.map(({ path }) => path);
  assert.ok(paths.includes('/v1/token'));
  assert.ok(paths.some((path) => path.endsWith(':generateAccessToken')));
  assert.ok(paths.at(-1)?.includes(`/projects/${other.simulator.cloud.projectId}/locations/eu/`));
});

test('an API key reaches Gemini without a project', async () => {
  await using other = await bootRelay({ accounts: (url) => [vertexAccount(url, 'AQ.express-key')] });
  const client = new GoogleGenAI({ apiKey: other.key, httpOptions: { baseUrl: other.url } });
  const answer = await client.models.generateContent({ model: 'gemini-2.5-flash', contents: '[[say:hi]]' });
  assert.equal(answer.text, 'hi');
  assert.equal(
    other.simulator.requests.at(-1)?.path,
    '/v1beta1/publishers/google/models/gemini-2.5-flash:generateContent',
  );
});

test("a key that Google refuses is the operator's matter, and is told without the key", async () => {
  await using other = await bootRelay({
    accounts: (url, { cloud }) => [
      vertexAccount(
        url,
        JSON.stringify({ ...cloud.serviceAccountKey(), client_email: 'gone@x.iam.gserviceaccount.com' }),
      ),
      vertexAccount(url, JSON.stringify({ ...cloud.serviceAccountKey(), private_key: 'no key' }), {
        name: 'b',
      }),
      vertexAccount(url, '{"type":"service_account"', { name: 'c', options: { project: 'p' } }),
      vertexAccount(url, 'AQ.invalid-key', { name: 'd' }),
    ],
  });
  const client = new OpenAI({ baseURL: `${other.url}/v1`, apiKey: other.key, maxRetries: 0 });
  const wish = { model: 'gemini-2.5-flash', messages: [{ role: 'user' as const, content: 'Hi' }] };
  await assert.rejects(client.chat.completions.create(wish), (error: Error & { status?: number }) => {
    assert.equal(error.status, 503);
    assert.doesNotMatch(error.message, /PRIVATE|AQ\.|gone@|service account|Google/);
    return true;
  });
});
