import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { clientProtocols } from '../strict/index.ts';
import type { Answer } from './material.ts';
import { passThrough, streamTo, type Delivered } from './pipes.ts';

/**
 * Chunking: however a stream is split, the client gets the same bytes and the meter the same usage. Encoders see events
 * alone, so each stream is proven at every split for one client, and by random ones for all.
 */
export interface ChunkingEffort {
  /** Streams up to this size are split at every byte. */
  readonly everyByteUpTo: number;
  /** Splits into random pieces for each stream and client. */
  readonly randomSplits: number;
  readonly seed: number;
}

type Reader = (pieces: readonly Buffer[]) => Delivered;

export function checkChunking(answer: Answer, effort: ChunkingEffort): void {
  const { bytes } = answer;
  const clients = clientProtocols.filter((client) => client !== answer.protocol);
  const readers = clients.map(
    (client): Reader =>
      (pieces) =>
        streamTo(client, answer, pieces),
  );
  if (answer.envelope !== undefined) readers.push((pieces) => passThrough(answer, pieces));
  const first = clients[clientOf(answer, clients.length)];
  if (first !== undefined && bytes.length <= effort.everyByteUpTo) {
    splitEverywhere(answer, (pieces) => streamTo(first, answer, pieces));
    if (answer.envelope !== undefined) splitEverywhere(answer, (pieces) => passThrough(answer, pieces));
  }
  for (const read of readers) splitAtRandom(answer, read, effort);
}

/** Streams take turns in which client is proven at every byte. */
function clientOf({ bytes }: Answer, count: number): number {
  return bytes.length % count;
}

function splitEverywhere({ id, bytes }: Answer, read: Reader): void {
  const whole = read([bytes]);
  for (let at = 1; at < bytes.length; at += 1) {
    const split = read([bytes.subarray(0, at), bytes.subarray(at)]);
    if (split.text !== whole.text) assert.equal(split.text, whole.text, `${id} split at ${at}`);
    assert.deepEqual(split.reading, whole.reading, `${id} split at ${at}`);
  }
}

function splitAtRandom({ id, bytes }: Answer, read: Reader, { randomSplits, seed }: ChunkingEffort): void {
  const whole = read([bytes]);
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 40 });
  fc.assert(
    fc.property(cuts, (positions) => {
      const ends = [...positions].toSorted((left, right) => left - right);
      const pieces = [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
      assert.deepEqual(read(pieces), whole, id);
    }),
    { numRuns: randomSplits, seed },
  );
}
