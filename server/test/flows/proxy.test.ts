import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openConnectProxy, openSocksProxy } from '../conformance/upstream-proxies.ts';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { ask, wireClients } from './wire-clients.ts';

const credentials = { username: 'boat', password: 'light' };
const [chat] = wireClients;

const proxies = {
  'HTTP CONNECT': async () => {
    const proxy = await openConnectProxy(false, credentials);
    return { proxy, url: `http://boat:light@127.0.0.1:${proxy.port}` };
  },
  SOCKS5: async () => {
    const proxy = await openSocksProxy(credentials);
    return { proxy, url: `socks5://boat:light@127.0.0.1:${proxy.port}` };
  },
};

for (const [name, open] of Object.entries(proxies)) {
  test(`an account with an ${name} proxy is reached through it, whole and streamed`, async () => {
    const { proxy, url } = await open();
    try {
      await using relay = await bootRelay({
        accounts: (simulatorUrl) => [
          {
            name: 'far',
            kind: 'openai',
            credential: 'sk-test-0000000000',
            baseUrl: `${simulatorUrl}/v1`,
            proxy: url,
          },
        ],
      });
      assert.ok(chat);
      for (const isStream of [false, true]) {
        const answer = await ask(relay, chat, { prompt: '[[say:from afar]]', isStream });
        assert.equal(answer.status, 200, answer.text);
        assert.match(answer.text, /afar/);
      }
      assert.ok(proxy.accepted() > 0, 'the proxy must have been asked');
    } finally {
      await proxy.close();
    }
  });

  test(`a wrong password at an ${name} proxy is the operator's fault, and names no credential`, async () => {
    const { proxy, url } = await open();
    try {
      await using relay = await bootRelay({
        accounts: (simulatorUrl) => [
          {
            name: 'far',
            kind: 'openai',
            credential: 'sk-test-0000000000',
            baseUrl: `${simulatorUrl}/v1`,
            proxy: url.replace('light', 'heavy'),
          },
        ],
      });
      assert.ok(chat);
      const answer = await ask(relay, chat, { prompt: 'Hello!', isStream: false });
      assert.equal(answer.status, 502, answer.text);
      assert.ok(!answer.text.includes('heavy'));
    } finally {
      await proxy.close();
    }
  });
}

test("the tokens of a cloud account come through the account's proxy, like everything else of it", async () => {
  const { proxy, url } = await proxies.SOCKS5();
  try {
    await using relay = await bootRelay({
      accounts: (simulatorUrl, { cloud }) => [
        {
          name: 'far cloud',
          kind: 'vertex',
          credential: JSON.stringify(cloud.serviceAccountKey()),
          baseUrl: simulatorUrl,
          models: ['gemini-2.5-flash'],
          proxy: url,
        },
      ],
    });
    assert.equal(await statusOf(relay), 200);
    assert.equal(relay.simulator.cloud.tokensIssued(), 1);
    // One socket for the token service and one for the model, both at one address here: nothing came another way.
    assert.ok(proxy.accepted() > 0);
    await proxy.close();
    relay.simulator.cloud.revokeTokens();
    assert.notEqual(await statusOf(relay), 200);
    assert.equal(relay.simulator.cloud.tokensIssued(), 1);
  } finally {
    await proxy.close();
  }
});

async function statusOf(relay: BootedRelay): Promise<number> {
  const gemini = wireClients.find(({ model }) => model === 'gemini-2.5-flash');
  assert.ok(gemini);
  return (await ask(relay, gemini, { prompt: '[[say:from afar]]', isStream: false })).status;
}
