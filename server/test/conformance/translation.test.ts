import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { collect } from '../../src/protocols/canonical/collect.ts';
import { lossTable } from '../../src/protocols/canonical/losses.ts';
import { asText } from '../../src/protocols/canonical/read-json.ts';
import type { JsonObject } from '../../src/protocols/canonical/request.ts';
import { createFoldPipe, createTranslationPipe } from '../../src/protocols/translation-pipe.ts';
import { essence } from './translation-essence.ts';
import {
  chat,
  decodeStream,
  encodeStream,
  factsOf,
  fixtureNames,
  othersOf,
  plainRequest,
  readFixture,
  readJsonFixture,
  sides,
  target,
  type Side,
} from './translation-material.ts';
import type { Encoded } from '../../src/protocols/wire-protocol.ts';
import { normalRequest } from './translation-normal-form.ts';
import { anyRequest } from './translation-requests.ts';

const recordingsFolder =
  process.env['RECORDINGS_DIR'] ?? new URL('../../../../shared/recordings', import.meta.url).pathname;

const stateFields = ['previous_response_id', 'conversation', 'background'];
const skipped = { skip: 'no recordings here (set RECORDINGS_DIR)' };

function roundTrip(side: Side, body: JsonObject): JsonObject {
  const request = side.translation.decodeRequest(body, target);
  return side.translation.encodeRequest(request, undefined).value;
}

for (const side of sides) {
  suite(`translation laws of ${side.id}`, () => {
    testOwnRequests(side);
    for (const name of fixtureNames(side, 'answer.sse')) testOwnAnswer(side, name);
    testOwnRecordings(side);
  });

  for (const other of othersOf(side)) {
    suite(`translation laws from ${side.id} to ${other.id}`, () => {
      testForeignRequests(side, other);
      for (const name of fixtureNames(side, 'answer.sse')) testForeignAnswer(side, other, name);
      testForeignRecordings(side, other);
    });
  }
}

function testOwnRequests(side: Side): void {
  for (const name of fixtureNames(side, 'request.json')) {
    test(`the request "${name}" comes back from decoding and encoding as it was`, () => {
      const body = readJsonFixture(side, `${name}.request.json`);
      assert.deepEqual(normalRequest(side, roundTrip(side, body)), normalRequest(side, body));
    });
  }

  test('any request in normal form comes back from decoding and encoding as it was', () => {
    fc.assert(
      fc.property(anyRequest(side), (body) => {
        assert.deepEqual(normalRequest(side, roundTrip(side, body)), normalRequest(side, body));
      }),
      { numRuns: 300 },
    );
  });
}

function testOwnAnswer(side: Side, name: string): void {
  test(`the stream "${name}" and its unary twin fold to the same answer`, () => {
    const streamed = collect(decodeStream(side, readFixture(side, `${name}.answer.sse`)));
    const body = readJsonFixture(side, `${name}.answer.json`);
    const whole = collect(side.translation.decodeUnary(body, plainRequest(side)));
    assert.deepEqual(streamed, whole);
  });

  test(`the unary answer "${name}" comes back from decoding and encoding as it was`, () => {
    const body = readJsonFixture(side, `${name}.answer.json`);
    const request = plainRequest(side);
    const events = side.translation.decodeUnary(body, request);
    assert.deepEqual(side.translation.encodeUnary(events, request), body);
  });

  test(`the stream "${name}" folds to the same answer after encoding and decoding`, () => {
    const events = decodeStream(side, readFixture(side, `${name}.answer.sse`));
    const again = decodeStream(side, Buffer.from(encodeStream(side, events)));
    assert.deepEqual(collect(again), collect(events));
  });
}

function testForeignRequests(side: Side, other: Side): void {
  for (const name of fixtureNames(side, 'request.json')) {
    test(`the request "${name}" translates as its golden file says, every loss named`, () => {
      const body = readJsonFixture(side, `${name}.request.json`);
      const golden = readJsonFixture(side, `${name}.to-${other.id}.json`);
      const decoded = side.translation.decodeRequest(body, target);
      const model = asText(golden['model']) ?? '';
      const request = { ...decoded, model };
      const facts = factsOf({ id: model, provider: asText(golden['provider']) ?? '' });
      const { value, losses } = other.translation.encodeRequest(request, facts);
      const codes = losses.map((loss) => `${loss.outcome}: ${loss.code}`);
      assert.deepEqual({ ...golden, body: value, losses: codes }, golden);
    });
  }

  test('any request encodes twice to the same bytes and names only documented losses', () => {
    fc.assert(
      fc.property(anyRequest(side), (body) => {
        const encoded = (): Encoded<JsonObject> =>
          other.translation.encodeRequest(side.translation.decodeRequest(body, target), factsOf());
        const first = encoded();
        assert.equal(JSON.stringify(first.value), JSON.stringify(encoded().value));
        for (const loss of first.losses) assert.ok(loss.code in lossTable, loss.code);
      }),
      { numRuns: 300 },
    );
  });
}

function testForeignAnswer(side: Side, other: Side, name: string): void {
  test(`the stream "${name}" gives the same bytes however it is split`, () => {
    const bytes = readFixture(side, `${name}.answer.sse`);
    const whole = pipeThrough(side, other, [bytes]);
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 40 });
    fc.assert(
      fc.property(cuts, (positions) => {
        assert.equal(pipeThrough(side, other, split(bytes, positions)), whole);
      }),
      { numRuns: 60 },
    );
  });

  test(`the stream "${name}" folded for a unary client equals the translated unary answer`, () => {
    const request = plainRequest(other);
    const options = { upstream: side.translation, client: other.translation, request };
    const folded = createFoldPipe(options);
    folded.push(readFixture(side, `${name}.answer.sse`));
    folded.finish();
    assert.equal(folded.phase, 'terminal');
    const events = side.translation.decodeUnary(readJsonFixture(side, `${name}.answer.json`), request);
    const expected = other.translation.encodeUnary(events, request);
    assert.deepEqual(JSON.parse(folded.terminalBytes().toString()), expected);
  });
}

function split(bytes: Buffer, positions: readonly number[]): readonly Buffer[] {
  const ends = [...positions].toSorted((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

function pipeThrough(upstream: Side, client: Side, pieces: readonly Buffer[]): string {
  const pipe = createTranslationPipe({
    upstream: upstream.translation,
    client: client.translation,
    request: plainRequest(client),
  });
  // Each piece lies in a buffer that is overwritten after the call, as a socket's would be.
  const written: Buffer[] = pieces.map((piece) => {
    const view = Buffer.from(piece);
    const out = Buffer.from(pipe.push(view));
    view.fill(0);
    return out;
  });
  written.push(Buffer.from(pipe.finish()), pipe.terminalBytes());
  assert.equal(pipe.phase, 'terminal');
  return Buffer.concat(written).toString();
}

interface Recording {
  readonly id: string;
  readonly request: { readonly json?: JsonObject };
  readonly response: { readonly status: number; readonly json?: JsonObject; readonly text?: string };
}

function readRecordings(file: string): readonly Recording[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Recording)
    .filter((recording) => recording.request.json !== undefined);
}

/** Recordings that a relay without the provider's memory can translate; none where the folder is not there. */
function translatable(side: Side): readonly Recording[] | undefined {
  const file = `${recordingsFolder}/${side.id}.jsonl`;
  if (!existsSync(file)) return undefined;
  return readRecordings(file).filter(({ request }) =>
    stateFields.every((field) => (request.json?.[field] ?? false) === false),
  );
}

function testOwnRecordings(side: Side): void {
  const recordings = translatable(side);
  if (recordings === undefined) {
    test(`recordings of ${side.id}`, skipped, () => undefined);
    return;
  }

  test(`recorded requests come back as they were`, () => {
    for (const { id, request } of recordings) {
      const body = request.json ?? {};
      assert.deepEqual(normalRequest(side, roundTrip(side, body)), normalRequest(side, body), id);
    }
  });

  test(`recorded answers keep their content, stop and usage`, () => {
    for (const { id, response } of recordings) {
      if (response.status !== 200 || response.json === undefined) continue;
      if (response.json['object'] === 'response.compaction') continue;
      const request = plainRequest(side);
      const events = side.translation.decodeUnary(response.json, request);
      const encoded = side.translation.encodeUnary(events, request);
      assert.deepEqual(essence(side, encoded), essence(side, response.json), id);
    }
  });
}

function testForeignRecordings(side: Side, other: Side): void {
  const recordings = translatable(side);
  if (recordings === undefined) {
    test(`recordings of ${side.id}`, skipped, () => undefined);
    return;
  }

  test(`recorded requests can be encoded`, () => {
    for (const { id, request } of recordings) {
      const decoded = side.translation.decodeRequest(request.json ?? {}, target);
      assert.doesNotThrow(() => other.translation.encodeRequest(decoded, undefined), id);
    }
  });

  test(`recorded streams end without an error and can be told`, () => {
    for (const { id, response } of recordings) {
      if (response.status !== 200 || response.text === undefined) continue;
      const bytes = Buffer.from(response.text);
      const answer = collect(decodeStream(side, bytes));
      assert.equal(answer.error, undefined, id);
      assert.notEqual(answer.stop, 'other', id);
      assert.ok(pipeThrough(side, other, [bytes]).length > 0, id);
    }
  });
}

suite('compatible servers', () => {
  const file = `${process.env['RECORDINGS_DIR'] ?? new URL('../../../../shared/recordings', import.meta.url).pathname}/compatible-chat.jsonl`;
  const skip = existsSync(file) ? false : 'no recordings here (set RECORDINGS_DIR)';
  test(
    'every recorded answer with a choice is complete, in every dialect, and ends for a reason',
    { skip },
    () => {
      for (const { id, response } of readRecordings(file)) {
        const body = response.json;
        if (response.status !== 200 || body?.['choices'] === undefined) continue;
        const answer = collect(chat.translation.decodeUnary(body, plainRequest(chat)));
        assert.equal(answer.error, undefined, id);
        assert.notEqual(answer.stop, 'other', id);
        assert.ok(answer.parts.length > 0, id);
      }
    },
  );
});
