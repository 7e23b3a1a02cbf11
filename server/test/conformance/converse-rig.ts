import { readdirSync, readFileSync } from 'node:fs';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { createSseReader, type SseFrame } from '../../src/platform/sse.ts';
import { createDecoder } from '../../src/protocols/bedrock-converse/decode-events.ts';
import type { CanonicalEvent } from '../../src/protocols/canonical/events.ts';
import type {
  CanonicalRequest,
  ClientProtocolId,
  JsonObject,
} from '../../src/protocols/canonical/request.ts';
import { protocolRegistry } from '../../src/protocols/registry.ts';
import type { Translation } from '../../src/protocols/wire-protocol.ts';
import { bedrock } from '../../src/upstreams/bedrock.ts';

/** Fixtures of Converse, and its frames as AWS sends them. */
const root = new URL('../fixtures/', import.meta.url);

export function jsonFixture(path: string): JsonObject {
  return JSON.parse(readFileSync(new URL(path, root), 'utf8')) as JsonObject;
}

export function namesOf(folder: string, suffix: string): readonly string[] {
  return readdirSync(new URL(`${folder}/`, root))
    .filter((name) => name.endsWith(suffix))
    .map((name) => name.slice(0, -suffix.length))
    .toSorted();
}

/** Named events of a stream; fixtures write them as server-sent ones. */
export function framesOf(name: string): readonly SseFrame[] {
  const reader = createSseReader();
  const bytes = readFileSync(new URL(`bedrock-converse/${name}.answer.sse`, root));
  return [...reader.push(bytes), ...reader.finish()];
}

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
);

/** The bytes of AWS's framing. */
export function awsBytes(frames: readonly SseFrame[]): Buffer {
  return Buffer.concat(
    frames.map(({ event = '', data = '' }) => {
      const kind = /exception$/i.test(event) ? 'exception' : 'event';
      const text = (value: string) => ({ type: 'string' as const, value });
      const headers = { ':message-type': text(kind), [`:${kind}-type`]: text(event) };
      return Buffer.from(codec.encode({ headers, body: Buffer.from(data) }));
    }),
  );
}

/** Bytes fed in pieces that end at the cuts, unwrapped into the frames that codecs read. */
export function unwrap(bytes: Buffer, cuts: readonly number[]): Buffer {
  const settings = { baseUrl: '', credential: '', options: {} };
  const unwrapper = bedrock.carriage?.('bedrock-converse', settings)?.stream?.createUnwrapper();
  if (unwrapper === undefined) throw new Error('Bedrock wraps its streams');
  const ends = [...cuts, bytes.length];
  const pieces = ends.map((end, index) => {
    const view = Buffer.from(bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
    const out = Buffer.from(unwrapper.push(view));
    view.fill(0);
    return out;
  });
  if (unwrapper.failure !== undefined) throw unwrapper.failure;
  return Buffer.concat(pieces);
}

export function decodeFrames(
  frames: readonly SseFrame[],
  request: CanonicalRequest,
): readonly CanonicalEvent[] {
  const decoder = createDecoder(request);
  return [...frames.flatMap(({ event, data }) => decoder.push(event, data ?? '')), ...decoder.finish()];
}

export const clients = ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini'] as const;

export function halfOf(id: ClientProtocolId): Translation {
  const { translation } = protocolRegistry[id];
  if (translation === undefined) throw new Error(`${id} takes no part in translation`);
  return translation;
}

const bodies: Readonly<Record<(typeof clients)[number], JsonObject>> = {
  'anthropic-messages': { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] },
  'openai-chat': { model: 'm', messages: [{ role: 'user', content: 'Hi' }] },
  'openai-responses': { model: 'm', input: 'Hi' },
  gemini: { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
};

/** A plain request of a client that wants everything an answer may hold. */
export function plainRequest(id: (typeof clients)[number]): CanonicalRequest {
  const target = { operation: 'generate', query: '', model: 'm' } as const;
  return { ...halfOf(id).decodeRequest(bodies[id], target), includeUsage: true, stream: true };
}
