import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { decodeUnary } from '../../src/protocols/bedrock-converse/decode-events.ts';
import { encodeRequest } from '../../src/protocols/bedrock-converse/encode-request.ts';
import { collect } from '../../src/protocols/canonical/collect.ts';
import type { Part } from '../../src/protocols/canonical/request.ts';
import { upstreamProtocols } from '../../src/protocols/registry.ts';
import { createFoldPipe, createTranslationPipe } from '../../src/protocols/translation-pipe.ts';
import {
  awsBytes,
  clients,
  decodeFrames,
  framesOf,
  halfOf,
  jsonFixture,
  namesOf,
  plainRequest,
  unwrap,
} from './converse-rig.ts';

const converse = upstreamProtocols['bedrock-converse'].translation!;
const answers = namesOf('bedrock-converse', '.answer.sse');

function toClient(client: (typeof clients)[number], bytes: Buffer): string {
  const request = plainRequest(client);
  const pipe = createTranslationPipe({
    upstream: converse,
    client: halfOf(client),
    request,
    answerId: 'call_1',
  });
  const out = [pipe.push(bytes), pipe.finish(), pipe.terminalBytes()];
  assert.equal(pipe.phase, 'terminal');
  return Buffer.concat(out).toString();
}

suite('requests on their way to Converse', () => {
  for (const client of clients) {
    for (const name of namesOf(client, '.request.json')) {
      test(`"${name}" of ${client} goes as its golden file says, every loss named`, () => {
        const golden = jsonFixture(`${client}/${name}.to-bedrock-converse.json`);
        const body = jsonFixture(`${client}/${name}.request.json`);
        const target = { operation: 'generate', query: '', model: 'm' } as const;
        const request = { ...halfOf(client).decodeRequest(body, target), model: golden['model'] as string };
        const { value, losses } = encodeRequest(request, undefined);
        const codes = losses.map((loss) => `${loss.outcome}: ${loss.code}`);
        assert.deepEqual({ model: request.model, body: value, losses: codes }, golden);
        assert.equal(JSON.stringify(encodeRequest(request, undefined).value), JSON.stringify(value));
      });
    }
  }
});

suite('answers of Converse', () => {
  const request = plainRequest('anthropic-messages');
  for (const name of answers) {
    test(`the stream "${name}" and its unary twin fold to the same answer`, () => {
      const streamed = collect(decodeFrames(framesOf(name), request));
      const whole = collect(decodeUnary(jsonFixture(`bedrock-converse/${name}.answer.json`), request));
      assert.deepEqual(streamed, whole);
      assert.equal(streamed.error, undefined);
    });

    test(`the stream "${name}" gives each client the same bytes wherever it is cut`, () => {
      const bytes = awsBytes(framesOf(name));
      for (const client of clients) {
        const whole = toClient(client, unwrap(bytes, []));
        for (let cut = 1; cut < bytes.length; cut += 1) {
          assert.equal(toClient(client, unwrap(bytes, [cut])), whole, `${client} at ${cut}`);
        }
        const cuts = fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 30 });
        fc.assert(
          fc.property(cuts, (places) => {
            const sorted = places.toSorted((left, right) => left - right);
            assert.equal(toClient(client, unwrap(bytes, sorted)), whole);
          }),
          { numRuns: 20 },
        );
      }
    });

    test(`the stream "${name}" folded for a unary client equals the translated unary answer`, () => {
      const body = Buffer.from(JSON.stringify(jsonFixture(`bedrock-converse/${name}.answer.json`)));
      for (const client of clients) {
        const folded = [unwrap(awsBytes(framesOf(name)), []), body].map((bytes) => {
          const options = { upstream: converse, client: halfOf(client), request: plainRequest(client) };
          const pipe = createFoldPipe(options);
          pipe.push(bytes);
          pipe.finish();
          return pipe.terminalBytes().toString();
        });
        assert.ok(folded[0] !== '');
        assert.equal(folded[0], folded[1], client);
      }
    });
  }

  test('usage is told apart by class, and by the lifetime of what was cached', () => {
    const { usage } = collect(decodeFrames(framesOf('reasoning-unsigned'), request));
    const { input, cacheRead, cacheWrite5m, cacheWrite1h, output, serviceTier } = usage;
    assert.deepEqual(
      { input, cacheRead, cacheWrite5m, cacheWrite1h, output, serviceTier },
      {
        input: 100,
        cacheRead: 40,
        cacheWrite5m: 15,
        cacheWrite1h: 5,
        output: 20,
        serviceTier: 'flex',
      },
    );
  });

  test('what was signed or sealed goes back as it came, to this protocol alone', () => {
    for (const name of ['signed-and-calls', 'sealed-and-stopped']) {
      const { parts } = collect(decodeFrames(framesOf(name), request));
      const first = parts[0];
      assert.ok(first?.type === 'reasoning' && first.opaque !== undefined);
      const turns = [
        { role: 'user' as const, parts: [{ type: 'text' as const, text: 'Hi' }] },
        { role: 'assistant' as const, parts: parts.filter((part) => part.type !== 'tool-call') },
        { role: 'user' as const, parts: [{ type: 'text' as const, text: 'Go on' }] },
      ];
      const sent = encodeRequest({ ...request, model: 'us.anthropic.claude-sonnet-4-6', turns }, undefined);
      const output = jsonFixture(`bedrock-converse/${name}.answer.json`)['output'] as {
        readonly message: { readonly content: readonly unknown[] };
      };
      const messages = sent.value['messages'] as readonly { readonly content: readonly unknown[] }[];
      assert.deepEqual(messages[1]?.content[0], output.message.content[0]);
      const foreign: Part = {
        ...first,
        opaque: { ...first.opaque, origin: { protocol: 'gemini', model: 'm' } },
      };
      const [user, , last] = turns;
      const turned = [
        user!,
        { role: 'assistant' as const, parts: [foreign, { type: 'text' as const, text: 'a' }] },
        last!,
      ];
      const without = encodeRequest({ ...request, turns: turned }, undefined).value['messages'];
      assert.ok(!JSON.stringify(without).includes('reasoningContent'));
    }
  });

  test('a stream that breaks off, an exception inside it, and an answer that is none end in errors', () => {
    const frames = framesOf('signed-and-calls');
    const codeAfter = (list: typeof frames): string | undefined =>
      collect(decodeFrames(list, request)).error?.code;
    assert.equal(codeAfter(frames.slice(0, 5)), 'upstream_protocol');
    const exception = (event: string): string | undefined =>
      codeAfter([...frames.slice(0, 5), { event, data: '{"message":"no"}' }]);
    assert.equal(exception('throttlingException'), 'upstream_rate_limited');
    assert.equal(exception('serviceUnavailableException'), 'upstream_overloaded');
    assert.equal(exception('modelStreamErrorException'), 'upstream_failed');
    assert.equal(exception('validationException'), 'upstream_rejected_input');
    assert.equal(codeAfter([{ event: 'messageStart', data: '<html>' }]), 'upstream_protocol');
    assert.equal(collect(decodeUnary({ message: 'no' }, request)).error?.code, 'upstream_protocol');
  });

  test('without metadata at its end the answer stands, its usage unknown', () => {
    const answer = collect(decodeFrames(framesOf('signed-and-calls').slice(0, -1), request));
    assert.deepEqual([answer.stop, answer.error, answer.usage.output], ['tool-calls', undefined, 0]);
  });
});
