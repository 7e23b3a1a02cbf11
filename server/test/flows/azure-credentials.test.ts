import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { azureAccount, clientsOf, deployments } from './azure-account.ts';
import { bootRelay } from './boot-relay.ts';
import { eventually } from './eventually.ts';

suite('credentials of Azure', () => {
  const wish = { model: 'gpt-4.1-mini', messages: [{ role: 'user' as const, content: '[[say:hi]]' }] };
  const scratch = mkdtempSync(join(tmpdir(), 'qingzhou-federated-'));
  const file = join(scratch, 'token');
  after(() => rmSync(scratch, { recursive: true }));

  const forms = [
    ['an application by its secret', 'client_secret'],
    ['a workload by the token in its file', 'federated_token_file'],
    ['a machine by its own identity', 'managed_identity'],
  ] as const;
  for (const [name, form] of forms) {
    test(`${name} is let in, and its token kept, renewed when refused and never waited for`, async () => {
      await using relay = await bootRelay({
        simulator: { deployments },
        accounts: (url, { cloud }) => {
          const { authority, tenantId, clientId, clientSecret } = cloud.application;
          writeFileSync(file, `${cloud.subjectToken}\n`);
          const common = { authority, tenant_id: tenantId, client_id: clientId };
          const credentials = {
            client_secret: { ...common, client_secret: clientSecret },
            federated_token_file: { ...common, federated_token_file: file },
            managed_identity: {
              managed_identity: true,
              identity_endpoint: `${url}/metadata/identity/oauth2/token`,
            },
          };
          return [azureAccount(url, { credential: JSON.stringify(credentials[form]) })];
        },
      });
      const { cloud } = relay.simulator;
      const { openai } = clientsOf(relay);
      const ask = async (): Promise<void> => {
        const answer = await openai.chat.completions.create(wish);
        assert.equal(answer.choices[0]?.message.content, 'hi');
      };
      await ask();
      await ask();
      assert.equal(cloud.tokensIssued(), 1);
      cloud.revokeTokens();
      await ask();
      assert.equal(cloud.tokensIssued(), 2);
      cloud.setTokenLifetime(32);
      cloud.revokeTokens();
      await ask();
      await eventually(async () => {
        await ask();
        assert.ok(cloud.tokensIssued() >= 4);
      });
    });
  }

  test('what Entra or Azure refuses is told without any of the credential', async () => {
    await using relay = await bootRelay({
      simulator: { deployments },
      accounts: (url, { cloud }) => {
        const { authority, tenantId, clientId } = cloud.application;
        const wrong = { authority, tenant_id: tenantId, client_id: clientId, client_secret: 'wrong-secret' };
        return [
          azureAccount(url, { credential: JSON.stringify(wrong) }),
          azureAccount(url, { name: 'key', credential: 'a-wrong-key' }),
          azureAccount(url, { name: 'empty', credential: '{}' }),
        ];
      },
    });
    await assert.rejects(clientsOf(relay).openai.chat.completions.create(wish), (error: Error) => {
      assert.equal(Reflect.get(error, 'status'), 503);
      assert.doesNotMatch(error.message, /wrong|AADSTS|Entra/);
      return true;
    });
  });

  test('a limit is waited for or told as a limit', async () => {
    await using relay = await bootRelay({
      simulator: { deployments },
      accounts: (url) => [azureAccount(url)],
    });
    const messages = [{ role: 'user' as const, content: '[[fault:429 retry-after-s=120]]' }];
    await assert.rejects(clientsOf(relay).openai.chat.completions.create({ ...wish, messages }), {
      status: 429,
      code: 'rate_limit_exceeded',
    });
  });
});
