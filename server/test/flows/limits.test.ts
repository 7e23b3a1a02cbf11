import assert from 'node:assert/strict';
import { request, type ClientRequest } from 'node:http';
import { test } from 'node:test';
import { bootRelay, type BootedRelay } from './boot-relay.ts';
import { eventually } from './eventually.ts';
import { ask, wireClients } from './wire-clients.ts';

test('over the byte budget of the process a call is told to come back, in its own protocol, and nothing else is harmed', async () => {
  await using relay = await bootRelay({
    env: { QINGZHOU_PROCESS_BUDGET: '1MiB', QINGZHOU_BODY_LIMIT: '1MiB' },
  });
  const [first] = wireClients;
  assert.ok(first);
  const large = { prompt: 'x'.repeat(400_000), isStream: false };
  // A body that has begun and does not end keeps its part of the budget. Which of two is read first is chance, so a held body
  // that lost the race is begun again.
  let held: ClientRequest | undefined;
  await eventually(async () => {
    held?.destroy();
    held = beginBody(relay, 800_000);
    await eventually(() => assert.equal(relay.app.data.openCalls(), 1));
    assert.ok([503, 529].includes((await ask(relay, first, large)).status));
  });
  for (const client of wireClients) {
    const answer = await ask(relay, client, large);
    assert.ok([503, 529].includes(answer.status), `${client.name}: ${answer.status}`);
    assert.ok(client.isErrorBody(JSON.parse(answer.text), answer.status), answer.text);
    assert.ok(Number(answer.headers.get('retry-after')) >= 1);
  }
  assert.equal((await ask(relay, first, { prompt: 'Hello!', isStream: false })).status, 200);
  held?.destroy();
});

/** Sends so many bytes of a body that never ends. */
function beginBody(relay: BootedRelay, bytes: number): ClientRequest {
  const begun = request(`${relay.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${relay.key}`, 'content-length': String(bytes + 100_000) },
  });
  begun.on('error', () => undefined);
  begun.write(Buffer.alloc(bytes, ' '));
  return begun;
}

test('a call that takes longer than a call may is ended in order, before and after its first byte', async () => {
  await using relay = await bootRelay({
    env: { QINGZHOU_TOTAL_TIMEOUT: '600ms' },
    simulator: { pace: 20 },
  });
  for (const client of wireClients) {
    const slow = await ask(relay, client, { prompt: '[[fault:stall-before-headers]]', isStream: false });
    assert.equal(slow.status, 504, `${client.name}: ${slow.text}`);
    const long = await ask(relay, client, { prompt: '[[tokens:400]]', isStream: true });
    assert.equal(long.status, 200);
    assert.equal(long.isCut, false);
    assert.match(long.text, client.streamError);
    for (const { record } of relay.app.relay.table().accounts) relay.app.relay.health.reset(record.id);
  }
});
