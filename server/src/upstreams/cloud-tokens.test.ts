import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { RelayError } from '../domain/errors.ts';
import type { ReadWhole } from '../platform/exchange-whole.ts';
import type { UpstreamRequest } from '../platform/upstream-client.ts';
import type { CredentialFields } from './cloud-credential.ts';
import { fetchEntraToken } from './entra-token.ts';
import { fetchGoogleToken } from './google-token.ts';

type Reply = { readonly status: number; readonly json: unknown } | { readonly fault: 'refused' };

/** A token service of the test's own: what was asked, and the answers in order. */
function serviceOf(...replies: readonly Reply[]): { asked: UpstreamRequest[]; readWhole: ReadWhole } {
  const asked: UpstreamRequest[] = [];
  const readWhole: ReadWhole = (request) => {
    const reply = replies[Math.min(asked.length, replies.length - 1)];
    asked.push(request);
    if (reply === undefined || 'fault' in reply) {
      const error = {
        fault: 'refused',
        hasSentBytes: false,
        hasHead: false,
        systemCode: 'ECONNREFUSED',
      } as const;
      return Promise.resolve({ type: 'broken', error });
    }
    const head = { status: reply.status, headers: ['content-type', 'application/json'] };
    return Promise.resolve({ type: 'answered', head, body: Buffer.from(JSON.stringify(reply.json)) });
  };
  return { asked, readWhole };
}

const now = (): number => 1_000_000;
const bodyOf = (request: UpstreamRequest | undefined): string =>
  Buffer.concat(request?.body ?? []).toString();
const isFailure =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof RelayError && error.code === code;

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const serviceAccount = {
  type: 'service_account',
  client_email: 'a@b.iam.gserviceaccount.com',
  private_key: privateKey,
};

suite("Google's tokens", () => {
  test('a service account asks at the address of its key, by our own client', async () => {
    const service = serviceOf({ status: 200, json: { access_token: 'ya29.x', expires_in: 3600 } });
    const key = { ...serviceAccount, token_uri: 'https://tokens.example:8443/token' };
    const token = await fetchGoogleToken(key, { now, readWhole: service.readWhole });
    assert.equal(token.value, 'ya29.x');
    assert.ok(token.expiresAt > Date.now() + 3_000_000);
    assert.deepEqual(
      service.asked.map(({ method, origin, path }) => [method, origin, path]),
      [['POST', 'https://tokens.example:8443', '/token']],
    );
    assert.match(bodyOf(service.asked[0]), /^grant_type=urn%3Aietf.*&assertion=ey/);
  });

  test('a workload reads its file, exchanges it and takes over a service account, by our own client all along', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'qingzhou-subject-'));
    try {
      const file = join(folder, 'token.json');
      writeFileSync(file, '{"id_token":"from the file"}');
      const service = serviceOf(
        { status: 200, json: { access_token: 'sts', expires_in: 3600, token_type: 'Bearer' } },
        { status: 200, json: { accessToken: 'ya29.y', expireTime: '2030-01-01T00:00:00Z' } },
      );
      const credential = {
        type: 'external_account',
        audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x',
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        token_url: 'https://sts.example/v1/token',
        service_account_impersonation_url:
          'https://iam.example/v1/projects/-/serviceAccounts/a:generateAccessToken',
        credential_source: { file, format: { type: 'json', subject_token_field_name: 'id_token' } },
      };
      const token = await fetchGoogleToken(credential, { now, readWhole: service.readWhole });
      assert.deepEqual(token, { value: 'ya29.y', expiresAt: Date.parse('2030-01-01T00:00:00Z') });
      assert.deepEqual(
        service.asked.map(({ origin }) => origin),
        ['https://sts.example', 'https://iam.example'],
      );
      assert.match(bodyOf(service.asked[0]), /subject_token=from\+the\+file/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('what goes wrong is told by its kind, without what the service or the library said', async () => {
    const cases: readonly (readonly [CredentialFields, readonly Reply[], string])[] = [
      [
        serviceAccount,
        [{ status: 400, json: { error: 'invalid_grant', error_description: privateKey } }],
        'upstream_auth',
      ],
      [serviceAccount, [{ status: 503, json: {} }], 'upstream_failed'],
      [serviceAccount, [{ fault: 'refused' }], 'upstream_connection'],
      [{ ...serviceAccount, private_key: 'no key' }, [], 'upstream_auth'],
      [{ type: 'service_account' }, [], 'upstream_auth'],
      [{ type: 'authorized_user', refresh_token: 'x' }, [], 'upstream_auth'],
      [
        { type: 'external_account', credential_source: { executable: { command: 'id' } } },
        [],
        'upstream_auth',
      ],
      [{ type: 'external_account' }, [], 'upstream_auth'],
    ];
    for (const [credential, replies, code] of cases) {
      const { readWhole } = serviceOf(...replies);
      const attempt = fetchGoogleToken(credential, { now, readWhole });
      await assert.rejects(attempt, isFailure(code), JSON.stringify(Object.keys(credential)));
      await attempt.catch((error: unknown) =>
        assert.doesNotMatch(String(error), /PRIVATE|no key|invalid_grant/),
      );
    }
  });
});

suite("Entra's tokens", () => {
  const application = { tenant_id: 'tenant', client_id: 'client', client_secret: 's3cret' };
  const resource = 'https://cognitiveservices.azure.com';
  const granted: Reply = { status: 200, json: { access_token: 'eyJ', expires_in: '3599' } };
  const noMachine: ReadWhole = () => assert.fail('the machine was not to be asked');

  test('an application sends its secret, in whichever spelling its tools gave it', async () => {
    for (const credential of [
      application,
      { tenantId: 'tenant', clientId: 'client', clientSecret: 's3cret' },
      { tenant: 'tenant', appId: 'client', password: 's3cret', displayName: 'x' },
    ]) {
      const service = serviceOf(granted);
      const ports = { now, readWhole: service.readWhole, readMachineIdentity: noMachine };
      const token = await fetchEntraToken(credential, resource, ports);
      assert.deepEqual(token, { value: 'eyJ', expiresAt: 1_000_000 + 3_599_000 });
      const [request] = service.asked;
      assert.equal(
        `${request?.origin}${request?.path}`,
        'https://login.microsoftonline.com/tenant/oauth2/v2.0/token',
      );
      assert.deepEqual(Object.fromEntries(new URLSearchParams(bodyOf(request))), {
        grant_type: 'client_credentials',
        client_id: 'client',
        client_secret: 's3cret',
        scope: 'https://cognitiveservices.azure.com/.default',
      });
    }
  });

  test('a machine is asked at its fixed address by the client that reaches nothing else', async () => {
    const machine = serviceOf(granted);
    const ports = { now, readWhole: noMachine, readMachineIdentity: machine.readWhole };
    await fetchEntraToken({ managed_identity: 'which-one' }, resource, ports);
    const [request] = machine.asked;
    assert.equal(request?.origin, 'http://169.254.169.254');
    assert.deepEqual(request.headers.slice(0, 2), ['metadata', 'true']);
    assert.deepEqual(Object.fromEntries(new URL(request.path, request.origin).searchParams), {
      'api-version': '2018-02-01',
      resource,
      client_id: 'which-one',
    });
  });

  test('what goes wrong is told by its kind, without the secret', async () => {
    const cases: readonly (readonly [CredentialFields, Reply, string])[] = [
      [application, { status: 401, json: { error_description: 'AADSTS7000215 s3cret' } }, 'upstream_auth'],
      [application, { status: 500, json: {} }, 'upstream_failed'],
      [application, { status: 200, json: { access_token: 'eyJ' } }, 'upstream_failed'],
      [application, { fault: 'refused' }, 'upstream_connection'],
      [{}, granted, 'upstream_auth'],
      [{ tenant_id: 'a', client_id: 'b' }, granted, 'upstream_auth'],
      [{ tenant_id: 'a', client_id: 'b', federated_token_file: '/nowhere/at/all' }, granted, 'upstream_auth'],
    ];
    for (const [credential, reply, code] of cases) {
      const ports = { now, readWhole: serviceOf(reply).readWhole, readMachineIdentity: noMachine };
      const attempt = fetchEntraToken(credential, resource, ports);
      await assert.rejects(attempt, isFailure(code));
      await attempt.catch((error: unknown) => assert.doesNotMatch(String(error), /s3cret|AADSTS/));
    }
  });
});
