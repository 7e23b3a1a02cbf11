import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NewAccount } from '../../src/control/add-account.ts';
import { bootRelay } from './boot-relay.ts';
import { eventually } from './eventually.ts';
import { ask, wireClients } from './wire-clients.ts';

/** Calls of one campaign; every one is drawn from the seed. */
const calls = 6_000;
const atOnce = 20;
const seed = Number(process.env['TEST_SEED'] ?? '1');

// Usage that lies upwards is charged as reported (docs/policies.md) and would empty any wallet, so it is not drawn here.
const faults = [
  'ok',
  'ok',
  'ok',
  'ok',
  '400',
  '401',
  '402',
  '404',
  '413',
  '429',
  '500',
  '502',
  '503',
  '504',
  '529',
  'refuse delay-ms=20',
  'reset-before-headers',
  'reset-mid-headers',
  'reset-mid-stream after-frames=4',
  'stall-before-headers',
  'stall-mid-stream after-frames=4',
  'slow-first-byte delay-ms=30',
  'truncated-json after-frames=3',
  'garbage',
  'html-page',
  'empty-body',
  'empty-content',
  'overloaded-before-content',
  'overloaded-mid-stream',
  'missing-usage',
  'negative-usage',

  'zero-usage',
  'shrinking-usage',
];

/** A small seeded generator (mulberry32), so that a failing campaign can be run again. */
function createDraw(start: number): (below: number) => number {
  let state = start >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Several of each kind, so that the cooldowns of one call seldom leave another without an account. */
function manyAccounts(url: string): readonly NewAccount[] {
  return Array.from({ length: 8 }, (_, index) => [
    {
      name: `anthropic ${index}`,
      kind: 'anthropic',
      credential: `sk-ant-test-000000000${index}`,
      baseUrl: url,
    },
    {
      name: `openai ${index}`,
      kind: 'openai',
      credential: `sk-test-000000000${index}`,
      baseUrl: `${url}/v1`,
    },
    {
      name: `gemini ${index}`,
      kind: 'gemini',
      credential: `AIzaTest00000000000000000000000000000${index}`,
      baseUrl: url,
    },
  ]).flat();
}

test(`${calls} calls drawn from seed ${seed}: each ends in order, the books balance, nothing is left`, async () => {
  await using relay = await bootRelay({
    accounts: manyAccounts,
    env: {
      QINGZHOU_WALLET: 'prepaid',
      QINGZHOU_FIRST_BYTE_TIMEOUT: '300ms',
      QINGZHOU_IDLE_TIMEOUT: '300ms',
      QINGZHOU_RATE_LIMIT_WAIT: '0ms',
    },
  });
  const { store, organizationId } = relay.workspace;
  await store.topUp(organizationId, 1_000_000_000_000n as never, 'campaign', Date.now());
  await eventually(() => assert.ok((relay.app.relay.wallets.available(organizationId) ?? 0n) > 0n));
  const draw = createDraw(seed);
  const { health, wallets } = relay.app.relay;
  const answered = new Map<string, number>();
  let left = calls;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const client = wireClients[draw(wireClients.length)]!;
      const fault = faults[draw(faults.length)]!;
      const isStream = draw(2) === 0;
      const prompt = `[[tokens:${1 + draw(120)}]] ${fault === 'ok' ? '' : `[[fault:${fault}]]`}`;
      const answer = await ask(relay, client, { prompt, isStream });
      assert.equal(
        answer.isCut,
        false,
        `${client.name}, ${fault}, stream ${isStream}: the answer must end in order`,
      );
      if (answer.status >= 400)
        assert.ok(client.isErrorBody(JSON.parse(answer.text), answer.status), answer.text);
      answered.set(`${answer.status}`, (answered.get(`${answer.status}`) ?? 0) + 1);
      for (const { record } of relay.app.relay.table().accounts) health.reset(record.id);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  await eventually(() => {
    assert.equal(relay.app.data.openCalls(), 0);
    assert.equal(wallets.held(organizationId), 0n);
    assert.equal(relay.simulator.openStreams(), 0);
  });
  assert.ok((answered.get('200') ?? 0) > calls / 5, JSON.stringify([...answered]));
  assert.deepEqual(await store.audit(), []);
  const charged = (await store.usage({ organizationId, from: 0, to: Date.now() + 1, groupBy: 'none' }))[0];
  const [wallet] = await store.loadWallets();
  assert.equal(wallet?.balance, 1_000_000_000_000n - (charged?.charge ?? 0n));
  assert.equal(wallet?.balance, wallets.available(organizationId));
});
