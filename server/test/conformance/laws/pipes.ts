import assert from 'node:assert/strict';
import type { UsageReading } from '../../../src/domain/usage.ts';
import { protocolRegistry } from '../../../src/protocols/registry.ts';
import { createFoldPipe, createTranslationPipe } from '../../../src/protocols/translation-pipe.ts';
import type { StreamPipe } from '../../../src/protocols/wire-protocol.ts';
import { clientHalf, upstreamHalf } from '../../../../tools/replay/translated/client-request.ts';
import type { ClientProtocol } from '../strict/index.ts';
import { plainRequestOf, type Answer } from './material.ts';

/** All a client gets of one answer, and what is metered of it. */
export interface Delivered {
  readonly text: string;
  readonly reading: UsageReading;
}

/** One piece of a stream a read; each lies in a buffer that is overwritten after the call, as a socket's is. */
function run(pipe: StreamPipe, pieces: readonly Buffer[], id: string): Delivered {
  const written = pieces.map((piece): Buffer => {
    const view = Buffer.from(piece);
    const out = Buffer.from(pipe.push(view));
    view.fill(0);
    return out;
  });
  written.push(Buffer.from(pipe.finish()), pipe.terminalBytes());
  assert.equal(pipe.phase, 'terminal', `${id}: ${pipe.failure?.message ?? pipe.phase}`);
  return { text: Buffer.concat(written).toString(), reading: pipe.reading(1) };
}

/** The answer as it passes through to a client of its own protocol. */
export function passThrough(answer: Answer, pieces: readonly Buffer[] = [answer.bytes]): Delivered {
  const protocol = protocolRegistry[answer.protocol as ClientProtocol];
  assert.ok(answer.envelope !== undefined);
  return run(protocol.createPassthrough(answer.envelope), pieces, answer.id);
}

/** The answer as a client of some protocol gets it, streamed. */
export function streamTo(
  client: ClientProtocol,
  answer: Answer,
  pieces: readonly Buffer[] = [answer.bytes],
): Delivered {
  return run(createTranslationPipe(optionsOf(client, answer)), pieces, `${answer.id} to ${client}`);
}

/** The answer as a client of some protocol gets it in one body. */
export function foldTo(client: ClientProtocol, answer: Answer): Delivered {
  return run(createFoldPipe(optionsOf(client, answer)), [answer.bytes], `${answer.id} folded to ${client}`);
}

function optionsOf(client: ClientProtocol, answer: Answer): Parameters<typeof createTranslationPipe>[0] {
  const model = answer.request.model;
  return {
    upstream: upstreamHalf(answer.protocol),
    client: clientHalf(client),
    request: { ...plainRequestOf(client), model, tools: answer.request.tools },
    upstreamModel: model,
    createdAtSeconds: 1_763_800_000,
    answerId: 'call_law',
  };
}
