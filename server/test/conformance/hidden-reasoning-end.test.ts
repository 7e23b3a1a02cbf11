import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CanonicalEvent } from '../../src/protocols/canonical/events.ts';
import type { JsonObject } from '../../src/protocols/canonical/request.ts';
import { noUsage } from '../../src/domain/usage.ts';
import { anthropic, encodeStream, parseSse, plainRequest } from './translation-material.ts';

/** Claude Code prints the last block of an answer; a signature after the text made it print nothing. */

const request = plainRequest(anthropic, { reasoning: { style: 'adaptive', show: 'full' } });

/** A signature without words, as another provider sends one at the end of a text. */
function signatureAlone(index: number): readonly CanonicalEvent[] {
  const origin = { protocol: 'gemini', model: 'x' } as const;
  const opaque = { kind: 'thought-signature', value: `s${index}`, origin } as const;
  return [
    { type: 'reasoning-start', index },
    { type: 'reasoning-end', index, opaque, envelope: `envelope ${index}` },
  ];
}

function answer(...pieces: readonly (readonly CanonicalEvent[])[]): readonly CanonicalEvent[] {
  return [
    { type: 'start', id: 'a', model: 'x', protocol: 'gemini' },
    ...pieces.flat(),
    { type: 'stop', reason: 'end' },
    { type: 'usage', usage: noUsage },
    { type: 'end' },
  ];
}

const text: readonly CanonicalEvent[] = [
  { type: 'text-start', index: 1 },
  { type: 'text-delta', index: 1, text: 'Done.' },
  { type: 'text-end', index: 1 },
];
const call: readonly CanonicalEvent[] = [
  { type: 'tool-call-start', index: 3, id: 'c', name: 'f' },
  { type: 'tool-call-delta', index: 3, argumentsText: '{}' },
  { type: 'tool-call-end', index: 3 },
];

const types = (blocks: readonly JsonObject[]): readonly unknown[] => blocks.map(({ type }) => type);

function typesOf(events: readonly CanonicalEvent[]): readonly unknown[] {
  const frames = parseSse(encodeStream(anthropic, events, request));
  const starts = frames.filter(({ type }) => type === 'content_block_start');
  assert.deepEqual(
    starts.map(({ index }) => index),
    starts.map((_, index) => index),
  );
  const streamed = types(starts.map((start) => start['content_block'] as JsonObject));
  const whole = anthropic.translation.encodeUnary(events, request)['content'];
  assert.deepEqual(types(whole as readonly JsonObject[]), streamed);
  return streamed;
}

test('hidden reasoning of another provider does not end an answer that said something', () => {
  assert.deepEqual(typesOf(answer(text, signatureAlone(2))), ['text']);
  assert.deepEqual(typesOf(answer(signatureAlone(0), text, signatureAlone(2))), [
    'redacted_thinking',
    'text',
  ]);
});

test('hidden reasoning stays where something follows it, and where it is all there is', () => {
  assert.deepEqual(typesOf(answer(text, signatureAlone(2), call)), ['text', 'redacted_thinking', 'tool_use']);
  assert.deepEqual(typesOf(answer(signatureAlone(0))), ['redacted_thinking']);
});
