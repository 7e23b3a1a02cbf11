import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createTranslationPipe } from '../../src/protocols/translation-pipe.ts';
import { clientHalf, upstreamHalf } from '../../../tools/replay/translated/client-request.ts';
import { plainRequestOf } from './laws/material.ts';
import { longStreams } from './long-streams.ts';
import { clientProtocols } from './strict/index.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const frames = 120_000;
const wordBytes = 24;

for (const { upstream, opening, delta } of longStreams) {
  for (const client of clientProtocols.filter((id) => id !== upstream)) {
    // The last event of a response repeats all that was said, so its text has to be kept; nothing else may grow.
    const isRepeating = client === 'openai-responses';
    test(`a stream of ${frames} events from ${upstream} to ${client} is held ${isRepeating ? 'as its text alone' : 'in constant memory'}`, () => {
      const request = plainRequestOf(client);
      const pipe = createTranslationPipe({
        upstream: upstreamHalf(upstream),
        client: clientHalf(client),
        request,
        upstreamModel: 'model-x',
      });
      pipe.push(Buffer.from(opening));
      const chunk = Buffer.from(delta('some words of an answer ').repeat(20));
      const feed = (count: number): void => {
        for (let sent = 0; sent < count; sent += 20) pipe.push(chunk);
      };
      feed(20_000);
      const before = heldBytes();
      feed(frames);
      const grown = heldBytes() - before;
      assert.equal(pipe.phase, 'generating');
      const allowed = isRepeating ? frames * wordBytes * 4 : 1_000_000;
      assert.ok(grown < allowed, `${grown} bytes more are held after ${frames} events`);
    });
  }
}
