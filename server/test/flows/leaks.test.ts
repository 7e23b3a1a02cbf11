import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { bootRelay } from './boot-relay.ts';
import { eventually } from './eventually.ts';
import { ask, wireClients } from './wire-clients.ts';

const calls = 2_000;
const atOnce = 25;
const faults = [
  '400',
  '401',
  '404',
  '429',
  '500',
  '529',
  'reset-before-headers',
  'reset-mid-headers',
  'reset-mid-stream after-frames=4',
  'truncated-json',
  'garbage',
  'html-page',
  'empty-body',
  'empty-content',
  'overloaded-before-content',
  'overloaded-mid-stream',
  'missing-usage',
  'stall-mid-stream after-frames=4',
];

test(`${calls} faulty calls leave no socket, permit, hold or memory behind`, async () => {
  await using relay = await bootRelay({
    env: {
      QINGZHOU_FIRST_BYTE_TIMEOUT: '300ms',
      QINGZHOU_IDLE_TIMEOUT: '300ms',
      QINGZHOU_RATE_LIMIT_WAIT: '0ms',
    },
  });
  const key = await relay.newKey({
    limits: { concurrency: 1_000, requestsPerMinute: 1_000_000, tokensPerMinute: 1_000_000_000 },
  });
  const { health, limiter, wallets } = relay.app.relay;
  const heal = (): void => {
    for (const { record } of relay.app.relay.table().accounts) health.reset(record.id);
  };
  let next = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const index = next;
      next += 1;
      if (index >= calls) return;
      heal();
      const client = wireClients[index % wireClients.length]!;
      const prompt = `[[tokens:30]] [[fault:${faults[index % faults.length]}]]`;
      await ask({ url: relay.url, key }, client, { prompt, isStream: index % 3 !== 0 });
    }
  };
  // The first round fills caches and pools; only growth after it counts.
  next = calls - 400;
  await Promise.all(Array.from({ length: atOnce }, worker));
  const before = heapAfterCollection();
  next = 0;
  await Promise.all(Array.from({ length: atOnce }, worker));

  await eventually(() => {
    assert.equal(relay.app.data.openCalls(), 0);
    assert.equal(wallets.held(relay.workspace.organizationId), 0n);
    assert.equal(relay.simulator.openStreams(), 0);
    for (const { record } of relay.app.relay.table().accounts) assert.equal(health.inFlight(record.id), 0);
  });
  assert.ok(
    relay.workspace.client.openSockets() <= atOnce * 3,
    `${relay.workspace.client.openSockets()} sockets`,
  );
  const principals = await relay.workspace.store.listKeys(relay.workspace.organizationId);
  for (const { keyId } of principals) assert.equal(limiter.use(keyId, Date.now()).inFlight, 0);
  const grownMiB = (heapAfterCollection() - before) / 1024 ** 2;
  assert.ok(grownMiB < 16, `the heap grew by ${grownMiB.toFixed(1)} MiB`);
  assert.deepEqual(await relay.workspace.store.audit(), []);
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapAfterCollection(): number {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
