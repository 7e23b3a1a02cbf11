import assert from 'node:assert/strict';
import { RelayError } from '../../../src/domain/errors.ts';
import type { Json, JsonObject, ProtocolId } from '../../../src/protocols/canonical/request.ts';
import { protocolRegistry, upstreamProtocols } from '../../../src/protocols/registry.ts';
import { clientHalf } from '../../../../tools/replay/translated/client-request.ts';
import type { RecordedRequest } from '../laws/material.ts';
import { strictReaders } from '../strict/index.ts';
import { mutateBytes, mutateJson } from './mutate.ts';
import type { Random } from './random.ts';

const upstreams = (Object.keys(upstreamProtocols) as ProtocolId[]).filter(
  (id) => upstreamProtocols[id].translation !== undefined,
);

/** A broken request: refused in the client's own words, or sent on as JSON; never a crash. */
export function fuzzRequest({ protocol, body, target }: RecordedRequest, random: Random): void {
  const broken = random.chance(4)
    ? mutateBytes(Buffer.from(JSON.stringify(body)), random)
    : Buffer.from(JSON.stringify(mutateJson(body, random)));
  try {
    protocolRegistry[protocol].inspect(broken, target);
    const parsed: unknown = JSON.parse(broken.toString());
    const request = clientHalf(protocol).decodeRequest(parsed as JsonObject, target);
    const upstream = random.pick(upstreams);
    const encoded = upstreamProtocols[upstream].translation?.encodeRequest(request, undefined);
    const text = JSON.stringify(encoded?.value);
    assert.ok(text.length < 40 * (broken.length + 1_000), 'the request grows without measure');
  } catch (error) {
    if (!(error instanceof RelayError)) throw error;
    const answer = protocolRegistry[protocol].encodeError(error, 'call_fuzz');
    strictReaders[protocol].readError(answer.status, answer.body.toString());
  }
}

const statuses = [400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 502, 503, 504, 529];

/** A broken error of an upstream: classified all the same, and told in the client's words. */
export function fuzzError(bodies: readonly Json[], random: Random): void {
  const body = Buffer.from(JSON.stringify(mutateJson(random.pick(bodies), random)));
  const broken = random.chance(3) ? mutateBytes(body, random) : body;
  const upstream = random.pick(upstreams);
  const headers = ['retry-after', random.pick(['', '5', '-1', 'soon', '1e99']), 'content-type', 'text/html'];
  const failure = upstreamProtocols[upstream].readFailure(random.pick(statuses), headers, broken);
  assert.ok(failure.error instanceof RelayError);
  const client = random.pick(Object.keys(strictReaders) as (keyof typeof strictReaders)[]);
  const answer = protocolRegistry[client].encodeError(failure.error, 'call_fuzz');
  strictReaders[client].readError(answer.status, answer.body.toString());
}
