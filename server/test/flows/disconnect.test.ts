import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallRecord } from '../../src/ledger/call-record.ts';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { eventually } from './eventually.ts';
import { wireClients, type WireClient } from './wire-clients.ts';

/** Begins a call and leaves: at once, or when so many bytes of the answer have come. */
async function leave(
  relay: BootedRelay,
  client: WireClient,
  wish: { prompt: string; isStream: boolean; afterBytes: number },
): Promise<void> {
  const controller = new AbortController();
  const answer = fetch(relay.url + client.path(wish.isStream), {
    method: 'POST',
    signal: controller.signal,
    headers: client.headers(relay.key),
    body: client.body(wish.prompt, wish.isStream),
  });
  if (wish.afterBytes === 0) {
    await eventually(() => assert.equal(relay.simulator.control.stats().requests, 1));
    controller.abort();
    await assert.rejects(answer);
    return;
  }
  let bytes = 0;
  await assert.rejects(async () => {
    for await (const chunk of (await answer).body ?? []) {
      bytes += (chunk as Uint8Array).length;
      if (bytes >= wish.afterBytes) controller.abort();
    }
  });
}

async function onlyCall(relay: BootedRelay): Promise<CallRecord> {
  let found: CallRecord | undefined;
  await eventually(async () => {
    [found] = await relay.workspace.store.recentCalls(relay.workspace.organizationId, 10);
    assert.ok(found);
  });
  assert.ok(found);
  assert.equal(relay.app.relay.wallets.held(relay.workspace.organizationId), 0n);
  return found;
}

for (const client of wireClients) {
  test(`${client.name}: who leaves before the upstream answered pays nothing, whole and streamed`, async () => {
    for (const isStream of [false, true]) {
      await using relay = await bootRelay();
      await leave(relay, client, {
        prompt: 'Hello! [[fault:stall-before-headers]]',
        isStream,
        afterBytes: 0,
      });
      const call = await onlyCall(relay);
      assert.equal(call.outcome, 'abandoned');
      assert.equal(call.charge, 0n);
      assert.ok(call.flags.includes('abandoned'));
      await eventually(() => assert.equal(relay.workspace.client.openSockets(), 0));
    }
  });

  test(`${client.name}: who leaves within a stream pays for what was delivered, and the upstream is cancelled within 100 ms`, async () => {
    await using relay = await bootRelay({ simulator: { pace: 5 } });
    await leave(relay, client, { prompt: '[[tokens:2000]]', isStream: true, afterBytes: 6_000 });
    const leftAt = performance.now();
    await eventually(() => assert.equal(relay.simulator.openStreams(), 0));
    assert.ok(performance.now() - leftAt < 100);
    const call = await onlyCall(relay);
    assert.equal(call.outcome, 'disconnected');
    assert.ok(call.usage.output > 0 && call.usage.output < 2_000, `${call.usage.output} tokens`);
    assert.ok(call.charge > 0n);
  });

  test(`${client.name}: with "drain" the true usage is learned after the client has left`, async () => {
    await using relay = await bootRelay({
      env: { QINGZHOU_SETTLE_ON_DISCONNECT: 'drain' },
      simulator: { pace: 1 },
    });
    await leave(relay, client, { prompt: '[[tokens:300]]', isStream: true, afterBytes: 3_000 });
    const call = await onlyCall(relay);
    assert.equal(call.outcome, 'disconnected');
    assert.equal(call.usageSource, 'reported');
    assert.ok(call.usage.output >= 300);
  });
}
