import assert from 'node:assert/strict';
import { RelayError } from '../../../src/domain/errors.ts';
import { lossTable } from '../../../src/protocols/canonical/losses.ts';
import type { CanonicalRequest, JsonObject } from '../../../src/protocols/canonical/request.ts';
import { upstreamProtocols } from '../../../src/protocols/registry.ts';
import type { ProtocolId } from '../../../src/protocols/canonical/request.ts';
import { clientHalf } from '../../../../tools/replay/translated/client-request.ts';
import type { RecordedRequest } from './material.ts';

/** Round trip: a request encoded for its own protocol is in normal form, which encodes to itself ever after. */
export function checkRoundTrip({ id, protocol, body, target }: RecordedRequest): void {
  const half = clientHalf(protocol);
  const encode = (given: JsonObject): JsonObject =>
    half.encodeRequest(half.decodeRequest(given, target), undefined).value;
  const once = encoded(() => encode(body));
  if (once === undefined) return;
  assert.deepEqual(encode(once), once, id);
}

/** Losses: every encoder says the same twice, and what it could not carry by names that are documented. */
export function checkLosses({ id, protocol, body, target }: RecordedRequest): void {
  const request = encoded(() => clientHalf(protocol).decodeRequest(body, target));
  if (request === undefined) return;
  for (const upstream of Object.keys(upstreamProtocols) as ProtocolId[]) {
    const half = upstreamProtocols[upstream].translation;
    if (half === undefined) continue;
    const name = `${id} to ${upstream}`;
    const first = half.encodeRequest(request, undefined);
    const second = half.encodeRequest(structuredClone(request), undefined);
    assert.equal(JSON.stringify(first), JSON.stringify(second), name);
    for (const { code, outcome } of first.losses) {
      assert.ok(Object.hasOwn(lossTable, code), `${name}: ${code} is not documented`);
      assert.equal(outcome, lossTable[code as keyof typeof lossTable].outcome, name);
    }
    if (upstream === protocol) continue;
    checkOpaque(name, request, JSON.stringify(first.value));
  }
}

/** What only its origin can read never reaches another protocol. */
function checkOpaque(name: string, request: CanonicalRequest, sent: string): void {
  for (const part of request.turns.flatMap((turn) => turn.parts)) {
    const opaque = part.type === 'reasoning' || part.type === 'tool-call' ? part.opaque : undefined;
    if (opaque === undefined || opaque.value.length < 16) continue;
    assert.ok(!sent.includes(opaque.value), `${name}: a foreign ${opaque.kind} is sent on`);
  }
}

/** A conversation that only its provider can go on with is refused, in a word of ours. */
function encoded<Value>(encode: () => Value): Value | undefined {
  try {
    return encode();
  } catch (error) {
    if (error instanceof RelayError) return undefined;
    throw error;
  }
}
