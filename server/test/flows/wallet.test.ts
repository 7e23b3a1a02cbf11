import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { CallId } from '../../src/domain/ids.ts';
import { parseUsd, type NanoUsd } from '../../src/domain/money.ts';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { ask, wireClients, type WireAnswer, type WireClient } from './wire-clients.ts';

let relay: BootedRelay;
before(async () => {
  relay = await bootRelay({ env: { QINGZHOU_WALLET: 'prepaid' }, simulator: { pace: 1 } });
});
after(() => relay[Symbol.asyncDispose]());

/** Sets what the wallet holds in this process, as if it had been topped up and spent down to it. */
async function walletHolds(usd: string): Promise<void> {
  const [wallet] = await relay.workspace.store.loadWallets();
  assert.ok(wallet);
  relay.app.relay.wallets.sync([{ ...wallet, balance: parseUsd(usd) as NanoUsd }]);
}
beforeEach(() => walletHolds('10'));

const available = (): bigint => relay.app.relay.wallets.available(relay.workspace.organizationId) ?? 0n;

async function outcomeOf(answer: WireAnswer): Promise<{ outcome: string; charge: bigint; output: number }> {
  const callId = answer.headers.get('x-relay-call-id') as CallId;
  const call = await relay.workspace.store.findCall(relay.workspace.organizationId, callId);
  return { outcome: call?.outcome ?? 'none', charge: call?.charge ?? -1n, output: call?.usage.output ?? -1 };
}

for (const client of wireClients) {
  test(`${client.name}: an empty wallet is a refusal in the protocol of the caller, before any upstream is asked`, async () => {
    await walletHolds('0');
    const seen = relay.simulator.control.stats().requests;
    for (const isStream of [false, true]) {
      const answer = await ask(relay, client, { prompt: 'Hello!', isStream });
      assert.equal(answer.status, 402, answer.text);
      assert.ok(client.isErrorBody(JSON.parse(answer.text), answer.status), answer.text);
      assert.match(answer.text, /[Tt]op it up/);
    }
    assert.equal(relay.simulator.control.stats().requests, seen);
  });

  test(`${client.name}: a whole answer the wallet cannot cover at its limit is asked for with a lower one`, async () => {
    await walletHolds(cheapest(client));
    const answer = await ask(relay, client, { prompt: '[[tokens:5000]]', isStream: false });
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.headers.get('x-relay-warnings') ?? '', /output_limit_lowered/);
    const { output } = await outcomeOf(answer);
    assert.ok(output >= 200 && output < 5_000, `${output} tokens`);
    assert.ok(available() >= 0n);
  });

  test(`${client.name}: a stream stops with a clear error when the wallet cannot cover more of it`, async () => {
    await walletHolds(streamMoney(client));
    const answer = await ask(relay, client, { prompt: '[[tokens:9000]]', isStream: true });
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.text, client.streamError);
    assert.match(answer.text, /wallet/);
    const { outcome, charge } = await outcomeOf(answer);
    assert.equal(outcome, 'hold-exhausted');
    assert.ok(charge > 0n);
    assert.ok(available() >= 0n);
    assert.equal(relay.simulator.openStreams(), 0);
  });
}

/** Enough for a few hundred tokens of output, not for the model's own limit. */
function cheapest(client: WireClient): string {
  return client.model.startsWith('claude') ? '0.012' : '0.0012';
}

/** Enough to begin a stream (1,024 tokens are held), not for 9,000 tokens. */
function streamMoney(client: WireClient): string {
  return client.model.startsWith('claude') ? '0.05' : client.model.startsWith('gemini') ? '0.008' : '0.005';
}

test('calls at once never take the wallet below zero, and go on when there is money again', async () => {
  await walletHolds('0.02');
  const [client] = wireClients;
  assert.ok(client);
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      ask(relay, client, { prompt: '[[tokens:400]]', isStream: index % 2 === 0 }),
    ),
  );
  assert.ok(available() >= 0n);
  assert.ok(answers.some(({ status }) => status === 402));
  assert.ok(answers.some(({ status }) => status === 200));
  await walletHolds('10');
  assert.equal((await ask(relay, client, { prompt: 'Hello!', isStream: false })).status, 200);
});
