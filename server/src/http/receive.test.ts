import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { CallId } from '../domain/ids.ts';
import { createByteBudget } from '../platform/byte-budget.ts';
import { protocolRegistry } from '../protocols/registry.ts';
import type { RequestTarget } from '../protocols/wire-protocol.ts';
import { receive } from './receive.ts';

/** What a request with these headers and this body becomes. */
async function targetOf(
  headers: Readonly<Record<string, string>>,
  body = '{}',
  isCloud = false,
): Promise<RequestTarget> {
  const { promise, resolve, reject } = Promise.withResolvers<RequestTarget>();
  const server = createServer((request, response) => {
    const target = { operation: 'generate', query: 'beta=true&key=secret' } as const;
    const route = { protocol: 'anthropic-messages', target, ...(isCloud ? { bodyFields: {} } : {}) } as const;
    receive(request, route, {
      callId: 'call' as CallId,
      protocol: protocolRegistry['anthropic-messages'],
      now: () => 0,
      maxBodyBytes: 1_000,
      budget: createByteBudget(1_000),
      lease: { bytes: 0 },
    }).then((arrival) => resolve(arrival.target), reject);
    response.end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body });
  await answer.arrayBuffer();
  const target = await promise;
  server.closeAllConnections();
  server.close();
  return target;
}

test('the version of the protocol is known to later stages, from the header or a cloud body', async () => {
  const plain = { operation: 'generate', query: 'beta=true' };
  const headers = { 'anthropic-version': '2026-10-21' };
  assert.deepEqual(await targetOf({}), plain);
  assert.deepEqual(await targetOf(headers), { ...plain, protocolVersion: '2026-10-21' });
  const fromCloud = await targetOf({}, '{"anthropic_version":"2026-10-21"}', true);
  assert.deepEqual(fromCloud, { ...plain, protocolVersion: '2026-10-21' });
});
