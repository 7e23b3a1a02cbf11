import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { bootRelay } from './boot-relay.ts';
import { eventually } from './eventually.ts';
import { ask, wireClients } from './wire-clients.ts';

test('over the byte budget of the process a call is told to come back, in its own protocol, and nothing else is harmed', async () => {
  await using relay = await bootRelay({
    env: { QINGZHOU_PROCESS_BUDGET: '1MiB', QINGZHOU_BODY_LIMIT: '1MiB' },
  });
  // A body that has begun and does not end keeps its part of the budget.
  const held = request(`${relay.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${relay.key}`, 'content-length': '900000' },
  });
  held.on('error', () => undefined);
  await new Promise<void>((resolve) => held.write(Buffer.alloc(800_000, ' '), () => resolve()));
  for (const client of wireClients) {
    // The relay may still be reading the first body when the first of these comes.
    await eventually(async () => {
      const answer = await ask(relay, client, { prompt: 'x'.repeat(400_000), isStream: false });
      assert.ok([503, 529].includes(answer.status), `${client.name}: ${answer.status}`);
      assert.ok(client.isErrorBody(JSON.parse(answer.text), answer.status), answer.text);
      assert.ok(Number(answer.headers.get('retry-after')) >= 1);
    });
  }
  const [client] = wireClients;
  assert.ok(client);
  assert.equal((await ask(relay, client, { prompt: 'Hello!', isStream: false })).status, 200);
  held.destroy();
});

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
