import { readdirSync, readFileSync } from 'node:fs';
import type { ModelFacts } from '../../src/domain/catalogue.ts';
import type { CanonicalEvent } from '../../src/protocols/canonical/events.ts';
import type { CanonicalRequest, Json, JsonObject } from '../../src/protocols/canonical/request.ts';
import { anthropicMessagesTranslation } from '../../src/protocols/anthropic-messages/translation.ts';
import { openaiChatTranslation } from '../../src/protocols/openai-chat/translation.ts';
import { openaiResponsesTranslation } from '../../src/protocols/openai-responses/translation.ts';
import { carrying } from './carried.ts';
import { createSseReader } from '../../src/platform/sse.ts';
import { asString } from '../../src/protocols/canonical/read-json.ts';
import type { RequestTarget, Translation } from '../../src/protocols/wire-protocol.ts';

/** Fixtures and the small steps that every test of translation repeats. */
export const target: RequestTarget = { operation: 'generate', query: '' };

export interface Side {
  readonly id: 'anthropic-messages' | 'openai-chat' | 'openai-responses';
  readonly translation: Translation;
}

export const anthropic: Side = { id: 'anthropic-messages', translation: anthropicMessagesTranslation };
export const chat: Side = { id: 'openai-chat', translation: openaiChatTranslation };
export const responses: Side = { id: 'openai-responses', translation: openaiResponsesTranslation };
export const sides: readonly Side[] = [anthropic, chat, responses];

export function othersOf(side: Side): readonly Side[] {
  return sides.filter((other) => other !== side);
}

export function otherSide(side: Side): Side {
  return side === chat ? anthropic : chat;
}

const root = new URL('../fixtures/', import.meta.url);

export function fixtureNames(side: Side, kind: 'request.json' | 'answer.sse'): readonly string[] {
  const suffix = `.${kind}`;
  return readdirSync(new URL(`${side.id}/`, root))
    .filter((name) => name.endsWith(suffix))
    .map((name) => name.slice(0, -suffix.length))
    .toSorted();
}

export function readFixture(side: Side, name: string): Buffer {
  return readFileSync(new URL(`${side.id}/${name}`, root));
}

export function readJsonFixture(side: Side, name: string): JsonObject {
  return JSON.parse(readFixture(side, name).toString()) as JsonObject;
}

const messagesBody = { model: 'model-x', max_tokens: 1000, messages: [{ role: 'user', content: 'Hi' }] };
const plainBodies: Readonly<Record<Side['id'], JsonObject>> = {
  'anthropic-messages': messagesBody,
  'openai-chat': messagesBody,
  'openai-responses': { model: 'model-x', max_output_tokens: 1000, input: 'Hi' },
};

/** A request that wants everything the answers of the fixtures hold. */
export function plainRequest(side: Side, over: Partial<CanonicalRequest> = {}): CanonicalRequest {
  const body = plainBodies[side.id];
  return { ...side.translation.decodeRequest(body, target), includeUsage: true, stream: true, ...over };
}

/** Every event of a stream, as its decoder gives them. */
export function decodeStream(side: Side, bytes: Buffer, request = plainRequest(side)): CanonicalEvent[] {
  const reader = createSseReader();
  const decoder = side.translation.createDecoder(request);
  const frames = [...reader.push(bytes), ...reader.finish()];
  const events = frames.flatMap((frame) => decoder.push(frame.event, frame.data ?? ''));
  return [...events, ...decoder.finish()];
}

export function encodeStream(
  side: Side,
  events: readonly CanonicalEvent[],
  request = plainRequest(side),
): string {
  const encoder = side.translation.createEncoder(request);
  return events.map((event) => encoder.push(event)).join('');
}

/** Chunks or events of an SSE text, parsed; `[DONE]` stays a string. */
export function parseSse(text: string): readonly JsonObject[] {
  const reader = createSseReader();
  return [...reader.push(Buffer.from(text)), ...reader.finish()].map((frame) =>
    frame.data === '[DONE]' ? { done: true } : (JSON.parse(frame.data ?? '') as JsonObject),
  );
}

export function factsOf(over: Partial<ModelFacts> = {}): ModelFacts {
  return {
    id: 'model-x',
    provider: 'anthropic',
    aliases: [],
    contextWindow: 200_000,
    maxOutput: 64_000,
    inputModalities: ['text', 'image'],
    outputModalities: ['text'],
    ...over,
  };
}

/** Events as SSE text of an Anthropic stream, for tests that write their own. */
export function anthropicStream(events: readonly JsonObject[]): Buffer {
  return Buffer.from(
    events
      .map((event) => `event: ${asString(event['type']) ?? ''}\ndata: ${JSON.stringify(event)}\n\n`)
      .join(''),
  );
}

export function chatStream(chunks: readonly JsonObject[], isDone = true): Buffer {
  const lines = chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('');
  return Buffer.from(isDone ? `${lines}data: [DONE]\n\n` : lines);
}

/** One chunk of choice 0. */
export function chunk(delta: JsonObject, finish: string | null = null, over: JsonObject = {}): JsonObject {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-x', choices, ...over };
}

/** A stream of one side as the other side's client reads it, parsed. */
export function translate(from: Side, to: Side, bytes: Buffer): readonly JsonObject[] {
  return parseSse(
    encodeStream(
      to,
      decodeStream({ ...from, translation: { ...from.translation, ...carrying(from, to) } }, bytes),
    ),
  );
}

export function encode(from: Side, to: Side, body: JsonObject, model: string): JsonObject {
  const request = from.translation.decodeRequest(body, target);
  return to.translation.encodeRequest({ ...request, model }, undefined).value;
}

export function typesOf(events: readonly JsonObject[]): readonly Json[] {
  return events.map((event) => event['type'] ?? null);
}

export function stopOf(events: readonly JsonObject[]): Json | undefined {
  const delta = events.find((event) => event['type'] === 'message_delta')?.['delta'] as JsonObject;
  return delta['stop_reason'];
}

export const fragment = (
  index: number | undefined,
  id: string | null,
  name: string | null,
  text: string,
): JsonObject => ({
  tool_calls: [
    {
      ...(index === undefined ? {} : { index }),
      id,
      type: 'function',
      function: { name, arguments: text },
    },
  ],
});

export const chatUsage = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };
export const signature = 'c2lnbmF0dXJlIG9mIHRoZSBwcm92aWRlcg'.repeat(3);
