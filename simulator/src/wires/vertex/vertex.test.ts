import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { AnthropicVertex } from '@anthropic-ai/vertex-sdk';
import { GoogleGenAI } from '@google/genai';
import type { Json } from '../../engine/simulated-call.ts';
import type { ServiceAccountKey } from '../../identity/index.ts';
import type { Simulator } from '../../index.ts';
import { at, send, textAt, withSimulator } from '../wire-test-kit.ts';
import type { RawAnswer } from '../wire-test-kit.ts';

const scope = 'https://www.googleapis.com/auth/cloud-platform';
const place = (simulator: Simulator): string =>
  `${simulator.url}/v1/projects/${simulator.cloud.projectId}/locations/europe-west4/publishers`;

/** What Google's libraries send for a service account. */
function assertionOf(key: ServiceAccountKey): string {
  const nowS = Math.floor(Date.now() / 1000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iss: key.client_email, scope, aud: 'https://oauth2.googleapis.com/token' };
  const signed = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ ...claims, iat: nowS, exp: nowS + 3600 })}`;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key.private_key).toString('base64url')}`;
}

async function grant(url: string, form: Readonly<Record<string, string>>): Promise<RawAnswer> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: JSON.parse(text) as Json };
}

function grantTo(key: ServiceAccountKey): Promise<RawAnswer> {
  const assertion = assertionOf(key);
  return grant(key.token_uri, { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
}

async function tokenOf(simulator: Simulator): Promise<string> {
  return textAt((await grantTo(simulator.cloud.serviceAccountKey())).json, 'access_token');
}

test("a service account's signed assertion is exchanged for a token, any other is refused", () =>
  withSimulator(async (simulator) => {
    assert.match(await tokenOf(simulator), /^ya29\.c\./);
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const key = simulator.cloud.serviceAccountKey();
    const forged = await grantTo({ ...key, private_key: privateKey });
    assert.deepEqual([forged.status, textAt(forged.json, 'error')], [400, 'invalid_grant']);
    assert.match(forged.text, /Invalid JWT Signature/);
    const stranger = await grantTo({ ...key, client_email: 'other@x.iam.gserviceaccount.com' });
    assert.match(stranger.text, /account not found/);
  }));

test("a workload's own token becomes that of a service account", () =>
  withSimulator(async (simulator) => {
    const account = simulator.cloud.externalAccount('unused');
    const exchanged = await grant(account.token_url, {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      audience: account.audience,
      subject_token: simulator.cloud.subjectToken,
    });
    const authorization = `Bearer ${textAt(exchanged.json, 'access_token')}`;
    const url = account.service_account_impersonation_url;
    const given = await send(url, { scope: [scope], lifetime: '3600s' }, { headers: { authorization } });
    assert.match(textAt(given.json, 'accessToken'), /^ya29\.i\./);
    const wrong = await grant(account.token_url, {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      audience: account.audience,
      subject_token: 'somebody else',
    });
    assert.equal(textAt(wrong.json, 'error'), 'invalid_grant');
  }));

test("Google's client is served in its cloud mode, with tokens and with an API key", () =>
  withSimulator(async (simulator) => {
    const model = 'gemini-2.5-flash';
    const token = await tokenOf(simulator);
    const client = new GoogleGenAI({
      vertexai: true,
      project: simulator.cloud.projectId,
      location: 'europe-west4',
      googleAuthOptions: { authClient: { getRequestHeaders: () => Promise.resolve(bearer(token)) } as never },
      httpOptions: { baseUrl: simulator.url },
    });
    const answer = await client.models.generateContent({
      model,
      contents: '[[say:good morning]]',
      config: { labels: { team: 'a' } },
    });
    assert.equal(answer.text, 'good morning');
    const express = new GoogleGenAI({
      vertexai: true,
      apiKey: 'AQ.express-key',
      httpOptions: { baseUrl: simulator.url },
    });
    const pieces = [];
    for await (const chunk of await express.models.generateContentStream({
      model,
      contents: '[[say:a b c]]',
    })) {
      pieces.push(chunk.text);
    }
    assert.equal(pieces.join(''), 'a b c');
    const count = await client.models.countTokens({
      model,
      contents: 'Hello!',
      config: { systemInstruction: 'Be kind.' },
    });
    assert.ok((count.totalTokens ?? 0) > 1);
  }));

test("Anthropic's client for the cloud is served, streaming, unary and counting", () =>
  withSimulator(async (simulator) => {
    const token = await tokenOf(simulator);
    const client = new AnthropicVertex({
      baseURL: `${simulator.url}/v1`,
      region: 'europe-west4',
      projectId: simulator.cloud.projectId,
      authClient: { getRequestHeaders: () => Promise.resolve(bearer(token)) } as never,
    });
    const wish = {
      model: 'claude-sonnet-4-5@20250929',
      max_tokens: 100,
      messages: [{ role: 'user' as const, content: '[[say:good morning]]' }],
    };
    const whole = await client.messages.create(wish);
    assert.equal(textAt(whole as never, 'content', 0, 'text'), 'good morning');
    const streamed = await client.messages.stream(wish).finalMessage();
    assert.equal(textAt(streamed as never, 'content', 0, 'text'), 'good morning');
    const { max_tokens: _limit, ...counted } = wish;
    assert.ok((await client.messages.countTokens(counted)).input_tokens > 0);
  }));

test('what the cloud refuses is refused in its own words', () =>
  withSimulator(async (simulator) => {
    const token = await tokenOf(simulator);
    const headers = { authorization: `Bearer ${token}` };
    const gemini = `${place(simulator)}/google/models/gemini-2.5-flash:generateContent`;
    const claude = `${place(simulator)}/anthropic/models/claude-sonnet-4-5:rawPredict`;
    const messages = [{ role: 'user', content: 'Hi' }];
    const good = { anthropic_version: 'vertex-2023-10-16', max_tokens: 9, messages };
    const call = { functionCall: { id: 'a', name: 'f', args: {} } };
    const cases = [
      [gemini, { contents: [{ parts: [{ text: 'Hi' }] }] }, {}, 400, /valid role/],
      [gemini, { contents: [{ role: 'model', parts: [call] }] }, {}, 400, /Unknown name "id"/],
      [claude, { max_tokens: 9, messages }, {}, 400, /anthropic_version/],
      [claude, { ...good, model: 'x' }, {}, 400, /Extra inputs/],
      [claude, { ...good, stream: true }, {}, 400, /does not go with/],
      [claude, good, { 'anthropic-beta': 'claude-code-20250219' }, 400, /Unexpected value/],
      [claude.replace('simulated-project', 'other'), good, {}, 403, /denied on resource/],
      [claude, good, { authorization: 'Bearer ya29.wrong' }, 401, /invalid authentication/],
      [claude, good, { authorization: `Bearer sk-ant-test-000` }, 401, /invalid authentication/],
    ] as const;
    for (const [url, body, extra, status, wording] of cases) {
      const answer = await send(url, body, { headers: { ...headers, ...extra } });
      assert.equal(answer.status, status, answer.text);
      assert.match(textAt(answer.json, 'error', 'message'), wording);
    }
  }));

test('a token ends with its life, and with all others when they are revoked', async () => {
  const clock = { now: Date.now() };
  await withSimulator(
    async (simulator) => {
      const url = `${place(simulator)}/google/models/gemini-2.5-flash:countTokens`;
      const body = { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] };
      const reasonOf = async (token: string): Promise<unknown> => {
        const { json, status } = await send(url, body, { headers: { authorization: `Bearer ${token}` } });
        return status === 200 ? 200 : at(json, 'error', 'details', 0, 'reason');
      };
      const token = await tokenOf(simulator);
      assert.equal(await reasonOf(token), 200);
      clock.now += 3_600_000;
      assert.equal(await reasonOf(token), 'ACCESS_TOKEN_EXPIRED');
      clock.now -= 3_600_000;
      simulator.cloud.revokeTokens();
      assert.equal(await reasonOf(token), 'ACCESS_TOKEN_TYPE_UNSUPPORTED');
      assert.equal(simulator.cloud.tokensIssued(), 1);
    },
    { now: () => clock.now },
  );
});

function bearer(token: string): Headers {
  return new Headers({ authorization: `Bearer ${token}` });
}
