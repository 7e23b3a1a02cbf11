import assert from 'node:assert/strict';
import type { Usage } from '../../../src/domain/usage.ts';
import { collect } from '../../../src/protocols/canonical/collect.ts';
import { protocolRegistry } from '../../../src/protocols/registry.ts';
import { createUpstreamReader } from '../../../src/protocols/upstream-reader.ts';
import { upstreamHalf } from '../../../../tools/replay/translated/client-request.ts';
import { clientProtocols, type ClientProtocol } from '../strict/index.ts';
import type { Answer } from './material.ts';
import { passThrough, streamTo } from './pipes.ts';

/** Meter: what a passthrough meters without decoding is what decoding finds, and what every translation meters. */
export function checkMeter(answer: Answer): void {
  const decoded = decodedUsage(answer);
  for (const client of clientProtocols) {
    const { reading } = streamTo(client, answer);
    if (reading.source !== 'reported') continue;
    assert.deepEqual(reading.usage, decoded, `${answer.id} to ${client}`);
  }
  const metered = answer.envelope === undefined ? undefined : passthroughReading(answer);
  if (metered?.source === 'reported') assert.deepEqual(metered.usage, decoded, answer.id);
}

function decodedUsage({ protocol, request, bytes }: Answer): Usage {
  const reader = createUpstreamReader(upstreamHalf(protocol), request);
  return collect([...reader.push(bytes), ...reader.finish()]).usage;
}

function passthroughReading(answer: Answer): ReturnType<typeof passThrough>['reading'] {
  if (answer.isStream) return passThrough(answer).reading;
  const protocol = protocolRegistry[answer.protocol as ClientProtocol];
  assert.ok(answer.envelope !== undefined);
  return protocol.readUnary(answer.bytes, answer.envelope).reading;
}
