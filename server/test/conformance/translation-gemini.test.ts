import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { RelayError } from '../../src/domain/errors.ts';
import { createSseReader } from '../../src/platform/sse.ts';
import { anthropicMessagesTranslation } from '../../src/protocols/anthropic-messages/translation.ts';
import { collect, type CollectedAnswer } from '../../src/protocols/canonical/collect.ts';
import type { CanonicalEvent } from '../../src/protocols/canonical/events.ts';
import { lossTable } from '../../src/protocols/canonical/losses.ts';
import { asText } from '../../src/protocols/canonical/read-json.ts';
import type { CanonicalRequest, JsonObject } from '../../src/protocols/canonical/request.ts';
import { geminiTranslation } from '../../src/protocols/gemini/translation.ts';
import { openaiChatTranslation } from '../../src/protocols/openai-chat/translation.ts';
import { openaiResponsesTranslation } from '../../src/protocols/openai-responses/translation.ts';
import { createFoldPipe, createTranslationPipe } from '../../src/protocols/translation-pipe.ts';
import type { RequestTarget, Translation } from '../../src/protocols/wire-protocol.ts';
import { readStream, readUnary } from './gemini-client.ts';
import { geminiEssence, normalGemini } from './gemini-normal-form.ts';
import { geminiRequest } from './gemini-requests.ts';

/** The laws of translation for Gemini, alone and against each of the other wires. */
const target: RequestTarget = { operation: 'generate', query: 'alt=sse', model: 'model-x', stream: true };
const others: readonly (readonly [string, Translation])[] = [
  ['anthropic-messages', anthropicMessagesTranslation],
  ['openai-chat', openaiChatTranslation],
  ['openai-responses', openaiResponsesTranslation],
];
const root = new URL('../fixtures/', import.meta.url);

function namesOf(folder: string, suffix: string): readonly string[] {
  const names = readdirSync(new URL(`${folder}/`, root)).filter((name) => name.endsWith(suffix));
  return names.map((name) => name.slice(0, -suffix.length)).toSorted();
}

function bytesOf(path: string): Buffer {
  return readFileSync(new URL(path, root));
}

function jsonOf(path: string): JsonObject {
  return JSON.parse(bytesOf(path).toString()) as JsonObject;
}

const asking: JsonObject = {
  contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
  tools: [{ googleSearch: {} }],
  generationConfig: { thinkingConfig: { includeThoughts: true } },
};
const plain = geminiTranslation.decodeRequest(asking, target);

function plainOf(translation: Translation): CanonicalRequest {
  const asked = { messages: [{ role: 'user', content: 'Hi' }], input: 'Hi' };
  const body = { model: 'model-x', max_tokens: 1000, ...asked };
  return { ...translation.decodeRequest(body, target), includeUsage: true, stream: true };
}

function decodeStream(bytes: Buffer): CanonicalEvent[] {
  const reader = createSseReader();
  const decoder = geminiTranslation.createDecoder(plain);
  const frames = [...reader.push(bytes), ...reader.finish()];
  const events = frames.flatMap((frame) => decoder.push(frame.event, frame.data ?? ''));
  return [...events, ...decoder.finish()];
}

/** Citations are told with the source's own words beside them; those of a rebuilt answer are the rebuilt ones. */
function comparable(events: readonly CanonicalEvent[]): CollectedAnswer {
  return JSON.parse(
    JSON.stringify(collect(events), (key, value: unknown) => (key === 'raw' ? null : value)),
  ) as CollectedAnswer;
}

function roundTrip(body: JsonObject): JsonObject {
  return geminiTranslation.encodeRequest(geminiTranslation.decodeRequest(body, target), undefined).value;
}

function pipeThrough(
  upstream: Translation,
  client: Translation,
  options: { readonly request: CanonicalRequest; readonly pieces: readonly Buffer[] },
): string {
  const pipe = createTranslationPipe({ upstream, client, request: options.request });
  const written: Buffer[] = options.pieces.map((piece) => Buffer.from(pipe.push(Buffer.from(piece))));
  written.push(Buffer.from(pipe.finish()), pipe.terminalBytes());
  assert.equal(pipe.phase, 'terminal', String(pipe.failure));
  return Buffer.concat(written).toString();
}

function assertUnsplit(
  upstream: Translation,
  client: Translation,
  given: { readonly request: CanonicalRequest; readonly bytes: Buffer },
): void {
  const { request, bytes } = given;
  const whole = pipeThrough(upstream, client, { request, pieces: [bytes] });
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 40 });
  fc.assert(
    fc.property(cuts, (positions) => {
      const ends = [...positions].toSorted((a, b) => a - b);
      const pieces = [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
      assert.equal(pipeThrough(upstream, client, { request, pieces }), whole);
    }),
    { numRuns: 40 },
  );
}

suite('translation laws of gemini', () => {
  for (const name of namesOf('gemini', '.request.json')) {
    test(`the request "${name}" comes back from decoding and encoding as it was`, () => {
      const body = jsonOf(`gemini/${name}.request.json`);
      assert.deepEqual(normalGemini(roundTrip(body)), normalGemini(body));
    });
  }

  test('any request in normal form comes back from decoding and encoding as it was', () => {
    fc.assert(
      fc.property(geminiRequest, (body) => {
        assert.deepEqual(normalGemini(roundTrip(body)), normalGemini(body));
      }),
      { numRuns: 300 },
    );
  });

  for (const name of namesOf('gemini', '.answer.sse')) {
    test(`the stream "${name}" and its unary twin fold to the same answer`, () => {
      const streamed = comparable(decodeStream(bytesOf(`gemini/${name}.answer.sse`)));
      const whole = comparable(geminiTranslation.decodeUnary(jsonOf(`gemini/${name}.answer.json`), plain));
      assert.deepEqual(streamed, whole);
    });

    test(`the unary answer "${name}" comes back from decoding and encoding as it was`, () => {
      const body = jsonOf(`gemini/${name}.answer.json`);
      const events = geminiTranslation.decodeUnary(body, plain);
      assert.deepEqual(geminiTranslation.encodeUnary(events, plain), body);
    });

    test(`the stream "${name}" folds to the same answer after encoding and decoding`, () => {
      const events = decodeStream(bytesOf(`gemini/${name}.answer.sse`));
      const encoder = geminiTranslation.createEncoder(plain);
      const again = decodeStream(Buffer.from(events.map((event) => encoder.push(event)).join('')));
      assert.deepEqual(comparable(again), comparable(events));
    });
  }
});

function assertGolden(golden: JsonObject, upstream: Translation, request: CanonicalRequest): void {
  const model = asText(golden['model']) ?? '';
  const provider = asText(golden['provider']) ?? '';
  const facts = {
    id: model,
    provider,
    aliases: [],
    contextWindow: 200_000,
    maxOutput: 64_000,
    inputModalities: ['text', 'image'],
    outputModalities: ['text'],
  };
  const { value, losses } = upstream.encodeRequest({ ...request, model }, facts);
  const codes = losses.map((loss) => `${loss.outcome}: ${loss.code}`);
  assert.deepEqual({ ...golden, body: value, losses: codes }, golden);
}

for (const [id, other] of others) {
  suite(`translation laws between gemini and ${id}`, () => {
    for (const name of namesOf('gemini', '.request.json')) {
      test(`the request "${name}" goes to ${id} as its golden file says, every loss named`, () => {
        const request = geminiTranslation.decodeRequest(jsonOf(`gemini/${name}.request.json`), target);
        assertGolden(jsonOf(`gemini/${name}.to-${id}.json`), other, request);
      });
    }

    for (const name of namesOf(id, '.request.json')) {
      test(`the request "${name}" of ${id} goes to gemini as its golden file says, every loss named`, () => {
        const request = other.decodeRequest(jsonOf(`${id}/${name}.request.json`), target);
        assertGolden(jsonOf(`${id}/${name}.to-gemini.json`), geminiTranslation, request);
      });
    }

    test('any request encodes twice to the same bytes and names only documented losses', () => {
      fc.assert(
        fc.property(geminiRequest, (body) => {
          const [first, second] = [0, 1].map(() =>
            other.encodeRequest(geminiTranslation.decodeRequest(body, target), undefined),
          );
          assert.equal(JSON.stringify(first?.value), JSON.stringify(second?.value));
          for (const loss of first?.losses ?? []) assert.ok(loss.code in lossTable, loss.code);
        }),
        { numRuns: 200 },
      );
    });

    for (const name of namesOf('gemini', '.answer.sse')) {
      test(`the stream "${name}" gives ${id} the same bytes however it is split, and folds to its unary twin`, () => {
        const bytes = bytesOf(`gemini/${name}.answer.sse`);
        const request = plainOf(other);
        assertUnsplit(geminiTranslation, other, { request, bytes });
        const folded = createFoldPipe({ upstream: geminiTranslation, client: other, request });
        folded.push(bytes);
        folded.finish();
        const events = geminiTranslation.decodeUnary(jsonOf(`gemini/${name}.answer.json`), request);
        assert.deepEqual(JSON.parse(folded.terminalBytes().toString()), other.encodeUnary(events, request));
      });
    }

    for (const name of namesOf(id, '.answer.sse')) {
      test(`the stream "${name}" of ${id} gives the Google client one answer, however it is split or asked for`, async () => {
        const bytes = bytesOf(`${id}/${name}.answer.sse`);
        assertUnsplit(other, geminiTranslation, { request: plain, bytes });
        const unary = await readUnary({ upstream: other, request: plain, bytes });
        const streamed = await readStream({ upstream: other, request: plain, bytes });
        assert.deepEqual(streamed, unary);
        const alt = { ...plain, extra: { ...plain.extra, alt: 'json' } };
        const array = pipeThrough(other, geminiTranslation, { request: alt, pieces: [bytes] });
        const events = pipeThrough(other, geminiTranslation, { request: plain, pieces: [bytes] });
        const chunks = events.split('\r\n\r\n').filter((frame) => frame !== '');
        assert.deepEqual(
          JSON.parse(array),
          chunks.map((frame) => JSON.parse(frame.slice('data: '.length)) as unknown),
        );
      });
    }
  });
}

test('a fault after the first words ends a stream in its own form, as events or as an array', () => {
  const bytes = bytesOf('anthropic-messages/text.answer.sse');
  for (const alt of ['json', undefined]) {
    const request = { ...plain, extra: alt === undefined ? {} : { alt } };
    const options = { upstream: anthropicMessagesTranslation, client: geminiTranslation, request };
    const pipe = createTranslationPipe(options);
    const begun = pipe.push(bytes.subarray(0, bytes.length >> 1)).toString();
    pipe.finish();
    assert.equal(pipe.phase, 'failed');
    const ended = begun + (pipe.encodeError?.(new RelayError('upstream_protocol'), 'call').toString() ?? '');
    const chunks =
      alt === undefined
        ? ended
            .split('\r\n\r\n')
            .filter((frame) => frame !== '')
            .map((frame) => JSON.parse(frame.slice('data: '.length)) as JsonObject)
        : (JSON.parse(ended) as readonly JsonObject[]);
    assert.ok(chunks.length > 1);
    assert.ok(chunks.at(-1)?.['error'] !== undefined);
  }
});

interface Recording {
  readonly id: string;
  readonly request: { readonly json?: JsonObject };
  readonly response: { readonly status: number; readonly json?: JsonObject; readonly text?: string };
}

suite('recordings of gemini', () => {
  const folder =
    process.env['RECORDINGS_DIR'] ?? new URL('../../../../shared/recordings', import.meta.url).pathname;
  const file = `${folder}/gemini.jsonl`;
  const skip = existsSync(file) ? false : 'no recordings here (set RECORDINGS_DIR)';
  const recordings = skip
    ? []
    : readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Recording);

  test('requests come back as they were and encode for every other wire', { skip }, () => {
    for (const { id, request } of recordings) {
      const body = request.json ?? {};
      assert.deepEqual(normalGemini(roundTrip(body)), normalGemini(body), id);
      const decoded = geminiTranslation.decodeRequest(body, target);
      for (const [, other] of others) assert.doesNotThrow(() => other.encodeRequest(decoded, undefined), id);
    }
  });

  test('answers keep their content, stop and usage', { skip }, () => {
    for (const { id, response } of recordings) {
      if (response.status !== 200 || response.json === undefined) continue;
      const events = geminiTranslation.decodeUnary(response.json, plain);
      const encoded = geminiTranslation.encodeUnary(events, plain);
      assert.deepEqual(geminiEssence(encoded), geminiEssence(response.json), id);
    }
  });

  test('streams end without an error and translate to every other wire', { skip }, () => {
    for (const { id, response } of recordings) {
      if (response.status !== 200 || response.text === undefined) continue;
      const bytes = Buffer.from(response.text);
      const answer = collect(decodeStream(bytes));
      assert.equal(answer.error, undefined, id);
      assert.notEqual(answer.stop, 'other', id);
      for (const [, other] of others) {
        const written = pipeThrough(geminiTranslation, other, { request: plainOf(other), pieces: [bytes] });
        assert.ok(written.length > 0, id);
      }
    }
  });
});
