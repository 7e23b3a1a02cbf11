import assert from 'node:assert/strict';
import type { CanonicalEvent } from '../../src/protocols/canonical/events.ts';
import type { CanonicalRequest, JsonObject } from '../../src/protocols/canonical/request.ts';
import { geminiTranslation } from '../../src/protocols/gemini/translation.ts';
import { anthropic, chat, parseSse, responses, target } from './translation-material.ts';

/** Tools in the forms that coding clients send them, with models behind other protocols. */
export const upstreams = [
  { name: 'Messages', translation: anthropic.translation, model: 'claude-sonnet-4-5' },
  { name: 'Chat Completions', translation: chat.translation, model: 'gpt-4.1' },
  { name: 'Gemini', translation: geminiTranslation, model: 'gemini-2.5-flash' },
] as const;
type Upstream = (typeof upstreams)[number];

export function decode(body: JsonObject): CanonicalRequest {
  return responses.translation.decodeRequest({ model: 'm', stream: true, ...body }, target);
}

export function encode(request: CanonicalRequest, { translation, model }: Upstream): JsonObject {
  const { value, losses } = translation.encodeRequest({ ...request, model }, undefined);
  assert.deepEqual(
    losses.filter(({ outcome }) => outcome === 'refused'),
    [],
  );
  return value;
}

/** Names of the functions that a request offers, whatever its wire. */
export function offered(body: JsonObject): readonly string[] {
  const written = JSON.stringify(body['tools'] ?? []);
  return [...written.matchAll(/"name":"([^"]+)"/gu)].map(([, name = '']) => name);
}

/** The events that the client reads of an answer that calls one tool. */
export function answerOf(
  request: CanonicalRequest,
  name: string,
  argumentsText: string,
): readonly JsonObject[] {
  const encoder = responses.translation.createEncoder(request);
  const call: readonly CanonicalEvent[] = [
    { type: 'start', id: 'a1', model: 'm', protocol: 'anthropic-messages' },
    { type: 'text-start', index: 0 },
    { type: 'text-delta', index: 0, text: 'I look.' },
    { type: 'text-end', index: 0 },
    { type: 'tool-call-start', index: 1, id: 'call_1', name },
    { type: 'tool-call-delta', index: 1, argumentsText },
    { type: 'tool-call-end', index: 1 },
    { type: 'stop', reason: 'tool-calls' },
    { type: 'end' },
  ];
  return parseSse(call.map((event) => encoder.push(event)).join(''));
}

export function itemOf(events: readonly JsonObject[]): JsonObject {
  const done = events.filter(({ type }) => type === 'response.output_item.done');
  const item = done.at(-1)?.['item'] as JsonObject;
  const [terminal] = events.filter(({ type }) => type === 'response.completed');
  assert.ok(terminal);
  const repeated = ((terminal['response'] as JsonObject)['output'] as readonly JsonObject[]).at(-1);
  assert.deepEqual(repeated, item, 'the end repeats the item');
  return item;
}
