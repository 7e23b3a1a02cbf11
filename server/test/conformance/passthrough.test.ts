/**
 * The laws of passthrough over our own wire fixtures: any byte split delivers the same bytes, phase and reading; the
 * terminal frame never leaves before its settlement; usage is what the wire said.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { noUsage } from '../../src/domain/usage.ts';
import type { ClientProtocolId } from '../../src/protocols/canonical/request.ts';
import { protocolRegistry } from '../../src/protocols/registry.ts';
import type { Envelope } from '../../src/protocols/wire-protocol.ts';
import { cases, inputEstimate, type StreamCase } from './passthrough-cases.ts';
import { cutEvenly, runPipe, type PipeRun } from './passthrough-rig.ts';

function envelopeOf(protocol: ClientProtocolId, stream: StreamCase): Envelope {
  if (protocol === 'gemini') {
    const query = stream.isArray === true ? '' : 'alt=sse';
    const target = { operation: 'generate', query, model: 'gemini-test', stream: true } as const;
    return protocolRegistry.gemini.inspect(Buffer.from('{"contents":[]}'), target);
  }
  const options = stream.asksUsage === false ? {} : { stream_options: { include_usage: true } };
  const body = JSON.stringify({
    model: 'm',
    stream: true,
    messages: [],
    input: 'x',
    prompt: 'x',
    ...options,
  });
  const operation = protocol === 'openai-completions' ? 'complete' : 'generate';
  return protocolRegistry[protocol].inspect(Buffer.from(body), { operation, query: '' });
}

for (const [id, streams] of Object.entries(cases)) {
  const protocol = protocolRegistry[id as ClientProtocolId];
  for (const stream of streams) {
    const name = `${id}/${stream.file}${stream.asksUsage === false ? ' without asking for usage' : ''}`;
    const bytes = readFileSync(new URL(`../fixtures/${id}/${stream.file}`, import.meta.url));
    const envelope = envelopeOf(protocol.id, stream);
    const run = (pieces: readonly Buffer[]): PipeRun =>
      runPipe(protocol.createPassthrough(envelope), pieces, inputEstimate);

    test(`${name} ends as the wire says, with its usage`, () => {
      const whole = run([bytes]);
      assert.equal(whole.phase, stream.phase);
      assert.equal(whole.failure, stream.failure);
      assert.deepEqual(whole.reading.usage, { ...noUsage, ...stream.usage });
      assert.equal(whole.reading.source, stream.source ?? 'reported');
    });

    test(`${name} delivers the upstream's bytes, the end only after the settlement`, () => {
      const whole = run([bytes]);
      const text = whole.delivered + whole.withheld;
      if (stream.absent === undefined) assert.equal(text, bytes.toString());
      else
        assert.ok(
          !text.includes(stream.absent) && (text === '' || bytes.includes(whole.delivered.slice(0, 40))),
        );
      if (stream.withheldFrom === undefined) assert.equal(whole.withheld, '');
      else assert.ok(whole.withheld.startsWith(stream.withheldFrom), whole.withheld.slice(0, 80));
    });

    test(`${name} comes out the same whatever way its bytes are split`, () => {
      const whole = run([bytes]);
      for (let at = 1; at < bytes.length; at++) {
        assert.deepEqual(run([bytes.subarray(0, at), bytes.subarray(at)]), whole, `split at ${at}`);
      }
      for (const size of [1, 2, 3, 7, 64])
        assert.deepEqual(run(cutEvenly(bytes, size)), whole, `reads of ${size}`);
    });
  }
}
