import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CanonicalEvent, StopReason } from '../../src/protocols/canonical/events.ts';
import type {
  CanonicalRequest,
  ClientProtocolId,
  Json,
  JsonObject,
} from '../../src/protocols/canonical/request.ts';
import { protocolRegistry } from '../../src/protocols/registry.ts';
import { clientHalfOf, type ClientTranslation } from '../../src/protocols/wire-protocol.ts';

/** Why an answer ended, as each client is told: the same in a stream and in a whole body. */
type Told = Readonly<Record<'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'gemini', string>>;

const table: Readonly<Record<StopReason, Told>> = {
  end: row('stop', 'completed', 'end_turn', 'STOP'),
  length: row('length', 'incomplete: max_output_tokens', 'max_tokens', 'MAX_TOKENS'),
  'context-full': row(
    'length',
    'incomplete: max_output_tokens',
    'model_context_window_exceeded',
    'MAX_TOKENS',
  ),
  'stop-sequence': row('stop', 'completed', 'stop_sequence', 'STOP'),
  'tool-calls': row('stop', 'completed', 'end_turn', 'STOP'),
  refusal: row('content_filter', 'incomplete: content_filter', 'refusal', 'SAFETY'),
  filter: row('content_filter', 'incomplete: content_filter', 'refusal', 'SAFETY'),
  pause: row('stop', 'completed', 'pause_turn', 'STOP'),
  malformed: row('stop', 'failed: server_error', 'end_turn', 'MALFORMED_FUNCTION_CALL'),
  other: row('stop', 'completed', 'end_turn', 'OTHER'),
};

function row(chat: string, responses: string, messages: string, gemini: string): Told {
  return {
    'openai-chat': chat,
    'openai-responses': responses,
    'anthropic-messages': messages,
    gemini,
  };
}

const request: CanonicalRequest = {
  origin: 'openai-chat',
  version: '2026-10-21',
  model: 'm',
  stream: true,
  system: [],
  turns: [],
  tools: [],
  stop: [],
  sampling: {},
  includeUsage: true,
  extra: {},
};

const text: readonly CanonicalEvent[] = [
  { type: 'text-start', index: 0 },
  { type: 'text-delta', index: 0, text: 'so' },
  { type: 'text-end', index: 0 },
];
const call: readonly CanonicalEvent[] = [
  { type: 'tool-call-start', index: 1, id: 'call_1', name: 'f' },
  { type: 'tool-call-delta', index: 1, argumentsText: '{}' },
  { type: 'tool-call-end', index: 1 },
];

function answer(content: readonly CanonicalEvent[], reason: StopReason): readonly CanonicalEvent[] {
  return [{ type: 'start', id: 'a', model: 'm' }, ...content, { type: 'stop', reason }, { type: 'end' }];
}

function halfOf(id: ClientProtocolId): ClientTranslation {
  const half = clientHalfOf(protocolRegistry[id]);
  assert.ok(half);
  return half;
}

/** Every JSON object of a stream. */
function framesOf(
  id: ClientProtocolId,
  events: readonly CanonicalEvent[],
  asked: CanonicalRequest,
): readonly JsonObject[] {
  const encoder = halfOf(id).createEncoder(asked);
  const written = events.map((event) => encoder.push(event)).join('');
  return [...written.matchAll(/^data: (\{.*\})\r?$/gm)].map(
    ([, data]) => JSON.parse(data ?? '') as JsonObject,
  );
}

const at = (value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined =>
  path.reduce<Json | undefined>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (Reflect.get(inner, key) as Json | undefined) : undefined,
    value,
  );

const readers: Readonly<Record<keyof Told, (body: JsonObject) => Json | undefined>> = {
  'openai-chat': (body) => at(body, 'choices', 0, 'finish_reason'),
  'openai-responses'(body) {
    const response = at(body, 'response') ?? body;
    const why = at(response, 'incomplete_details', 'reason') ?? at(response, 'error', 'code');
    const status = at(response, 'status');
    return typeof status === 'string' && typeof why === 'string' ? `${status}: ${why}` : status;
  },
  'anthropic-messages': (body) => at(body, 'stop_reason') ?? at(body, 'delta', 'stop_reason'),
  gemini: (body) => at(body, 'candidates', 0, 'finishReason'),
};

function told(
  id: keyof Told,
  events: readonly CanonicalEvent[],
  asked = request,
): readonly [whole: Json | undefined, streamed: Json | undefined] {
  const read = readers[id];
  const whole = read(halfOf(id).encodeUnary(events, asked));
  const said = framesOf(id, events, asked).map(read);
  return [whole, said.findLast((reason) => reason !== undefined && reason !== null)];
}

const clients = Object.keys(readers) as readonly (keyof Told)[];

for (const id of clients) {
  suite(`a client of ${id}`, () => {
    for (const [reason, words] of Object.entries(table) as [StopReason, Told][]) {
      test(`is told of "${reason}" as ${words[id]}`, () => {
        assert.deepEqual(told(id, answer(text, reason)), [words[id], words[id]]);
      });
    }

    test('is told of calls by what came, whatever the upstream said', () => {
      const words: Told = row('tool_calls', 'completed', 'tool_use', 'STOP');
      for (const reason of ['end', 'tool-calls', 'other', 'stop-sequence'] as const) {
        assert.deepEqual(told(id, answer(call, reason)), [words[id], words[id]], reason);
      }
    });
  });
}

test('a client of Messages that knows no full context is told of the limit it knows', () => {
  const half = halfOf('anthropic-messages');
  const body = { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'Go.' }] };
  const events = answer(text, 'context-full');
  for (const [version, word] of [
    ['2023-06-01', 'max_tokens'],
    [undefined, 'max_tokens'],
    ['2026-10-21', 'model_context_window_exceeded'],
    ['2027-01-01', 'model_context_window_exceeded'],
  ] as const) {
    const target = { operation: 'generate', query: '' } as const;
    const asked = half.decodeRequest(
      body,
      version === undefined ? target : { ...target, protocolVersion: version },
    );
    assert.deepEqual(told('anthropic-messages', events, asked), [word, word], word);
  }
});

test('a refusal in words is an answer to clients that have a place for it', () => {
  const events = answer([{ type: 'refusal-delta', index: 0, text: 'I will not.' }], 'refusal');
  assert.deepEqual(told('openai-chat', events), ['stop', 'stop']);
  assert.deepEqual(told('openai-responses', events), ['completed', 'completed']);
  const whole = halfOf('openai-chat').encodeUnary(events, request);
  assert.equal(at(whole, 'choices', 0, 'message', 'refusal'), 'I will not.');
});

test('calls that came before one went wrong are there to be run', () => {
  assert.deepEqual(told('openai-chat', answer(call, 'malformed')), ['tool_calls', 'tool_calls']);
});
