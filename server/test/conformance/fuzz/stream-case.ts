import assert from 'node:assert/strict';
import { RelayError } from '../../../src/domain/errors.ts';
import { protocolRegistry } from '../../../src/protocols/registry.ts';
import { createFoldPipe, createTranslationPipe } from '../../../src/protocols/translation-pipe.ts';
import type { StreamPipe } from '../../../src/protocols/wire-protocol.ts';
import { clientHalf, upstreamHalf } from '../../../../tools/replay/translated/client-request.ts';
import { plainRequestOf, type Answer } from '../laws/material.ts';
import { clientProtocols, strictReaders, type ClientProtocol } from '../strict/index.ts';
import { mutateBytes, mutateJson, mutateStream, piecesOf } from './mutate.ts';
import type { Random } from './random.ts';
import type { Json } from '../../../src/protocols/canonical/request.ts';

/** Nothing an upstream sends may cost more than this to read. */
const maxMs = 5_000;

/**
 * A broken answer on its way to a client: never a crash, nothing delivered before the commit point, and in the end an
 * answer or an error that the client's protocol allows.
 */
export function fuzzAnswer(answer: Answer, random: Random): void {
  const broken = breakAnswer(answer, random);
  const isPassed = random.chance(5) && answer.envelope !== undefined && answer.isStream;
  const client = random.pick(clientProtocols.filter((id) => isPassed === (id === answer.protocol)));
  const begun = performance.now();
  if (isPassed && answer.envelope !== undefined) {
    runThrough(protocolRegistry[client].createPassthrough(answer.envelope), piecesOf(broken, random));
  } else if (random.chance(2)) {
    checkFolded(client, runThrough(foldPipe(client, answer), piecesOf(broken, random)));
  } else {
    checkStreamed(client, runThrough(streamPipe(client, answer), piecesOf(broken, random)));
  }
  const ms = performance.now() - begun;
  assert.ok(ms < maxMs, `it took ${Math.round(ms)} ms`);
}

function breakAnswer({ bytes, isStream }: Answer, random: Random): Buffer {
  if (isStream) return mutateStream(bytes, random);
  if (random.chance(3)) return mutateBytes(bytes, random);
  return Buffer.from(JSON.stringify(mutateJson(JSON.parse(bytes.toString()) as Json, random)));
}

type PipeOptions = Parameters<typeof createTranslationPipe>[0];

function optionsOf(client: ClientProtocol, answer: Answer): PipeOptions {
  return {
    upstream: upstreamHalf(answer.protocol),
    client: clientHalf(client),
    request: plainRequestOf(client),
    upstreamModel: answer.request.model,
    createdAtSeconds: 1_763_800_000,
    answerId: 'call_fuzz',
  };
}

const streamPipe = (client: ClientProtocol, answer: Answer): StreamPipe =>
  createTranslationPipe(optionsOf(client, answer));
const foldPipe = (client: ClientProtocol, answer: Answer): StreamPipe =>
  createFoldPipe(optionsOf(client, answer));

interface Run {
  readonly pipe: StreamPipe;
  readonly delivered: string;
}

function runThrough(pipe: StreamPipe, pieces: readonly Buffer[]): Run {
  const delivered: Buffer[] = [];
  for (const piece of pieces) {
    const out = Buffer.from(pipe.push(Buffer.from(piece)));
    delivered.push(out);
    if (pipe.phase === 'failed' || pipe.phase === 'terminal') break;
  }
  delivered.push(Buffer.from(pipe.finish()));
  const { input, output } = pipe.reading(1).usage;
  assert.ok(input >= 0 && output >= 0 && Number.isSafeInteger(input + output), 'usage is no count');
  assert.ok(pipe.phase === 'terminal' || pipe.phase === 'failed', `it ends ${pipe.phase}`);
  if (pipe.phase === 'failed') assert.ok(pipe.failure instanceof RelayError, 'it fails without a reason');
  return { pipe, delivered: Buffer.concat(delivered).toString() };
}

function checkStreamed(client: ClientProtocol, { pipe, delivered }: Run): void {
  const reader = strictReaders[client];
  if (pipe.phase === 'terminal') {
    reader.readStream(delivered + pipe.terminalBytes().toString());
    return;
  }
  const error = pipe.failure ?? new RelayError('internal');
  if (delivered === '') {
    const answer = protocolRegistry[client].encodeError(error, 'call_fuzz');
    reader.readError(answer.status, answer.body.toString());
    return;
  }
  const own = pipe.encodeError?.(error, 'call_fuzz');
  const end = own ?? protocolRegistry[client].encodeStreamError(error, 'call_fuzz');
  const read = reader.readStream(delivered + end.toString());
  assert.notEqual(read.error, undefined, 'the client is not told of the error');
}

function checkFolded(client: ClientProtocol, { pipe, delivered }: Run): void {
  assert.equal(delivered, '', 'something is delivered before the end');
  if (pipe.phase === 'terminal') strictReaders[client].readUnary(pipe.terminalBytes().toString());
  else assert.equal(pipe.terminalBytes().length, 0);
}
