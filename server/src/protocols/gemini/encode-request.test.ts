import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CanonicalRequest, JsonObject, Opaque, Part, Reasoning } from '../canonical/request.ts';
import { encodeRequest } from './encode-request.ts';
import { toJsonSchema } from './open-api-schema.ts';

function request(over: Partial<CanonicalRequest>): CanonicalRequest {
  return {
    origin: 'anthropic-messages',
    model: 'gemini-3.5-flash',
    stream: true,
    system: [],
    turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
    tools: [],
    stop: [],
    sampling: {},
    includeUsage: true,
    extra: {},
    ...over,
  };
}

function thinking(model: string, reasoning: Reasoning): readonly [unknown, ...string[]] {
  const { value, losses } = encodeRequest(request({ model, reasoning }), undefined);
  const config = value['generationConfig'] as JsonObject | undefined;
  return [config?.['thinkingConfig'], ...losses.map((loss) => loss.code)];
}

suite('thinking by generation', () => {
  test('a level is asked for from the third generation on, a budget before', () => {
    const medium: Reasoning = { effort: 'medium' };
    assert.deepEqual(thinking('gemini-3.5-flash', medium), [
      { thinkingLevel: 'MEDIUM', includeThoughts: true },
    ]);
    assert.deepEqual(thinking('gemini-2.5-flash', medium), [{ thinkingBudget: 8192, includeThoughts: true }]);
    assert.deepEqual(thinking('gemini-2.0-flash', medium), [undefined, 'reasoning_dropped']);
  });

  test('a model that cannot stop thinking is asked for the least, and says so', () => {
    const off: Reasoning = { style: 'off' };
    assert.deepEqual(thinking('gemini-2.5-flash', off), [{ thinkingBudget: 0 }]);
    assert.deepEqual(thinking('gemini-2.5-pro', off), [{ thinkingBudget: 128 }, 'reasoning_cannot_be_off']);
    assert.deepEqual(thinking('gemini-3.8-flash', off), [
      { thinkingLevel: 'LOW' },
      'reasoning_cannot_be_off',
    ]);
    assert.deepEqual(thinking('gemini-2.0-flash', off), [undefined]);
  });

  test('what is more than the model has becomes the most it has', () => {
    const most: Reasoning = { effort: 'max', show: 'none' };
    assert.deepEqual(thinking('gemini-4-hydrogen', most), [
      { thinkingLevel: 'XHIGH' },
      'reasoning_level_changed',
    ]);
    assert.deepEqual(thinking('gemini-2.5-pro', { budget: 90_000, show: 'none' }), [
      { thinkingBudget: 32_768 },
      'reasoning_level_changed',
    ]);
  });
});

function signatureOf(model: string, opaque: Opaque | undefined): unknown {
  const call: Part = { type: 'tool-call', id: 'c1', name: 'f', argumentsText: '{}' };
  const signed = opaque === undefined ? call : { ...call, opaque };
  const { value } = encodeRequest(
    request({
      model,
      turns: [
        { role: 'user', parts: [{ type: 'text', text: 'Hi' }] },
        { role: 'assistant', parts: [signed, { ...call, id: 'c2' }] },
        {
          role: 'tool',
          parts: ['c1', 'c2'].map((callId) => ({ type: 'tool-result', callId, parts: [], isError: false })),
        },
      ],
    }),
    undefined,
  );
  const contents = value['contents'] as readonly { readonly parts: readonly JsonObject[] }[];
  return contents[1]?.parts.map((part) => part['thoughtSignature']);
}

suite('signatures of calls', () => {
  const own = (model: string): Opaque => ({
    kind: 'thought-signature',
    value: 'c2ln',
    origin: { protocol: 'gemini', model },
  });

  test('the first call of a step has its own, or the stand-in where another model made it', () => {
    assert.deepEqual(signatureOf('gemini-3.5-flash', own('gemini-3.5-flash')), ['c2ln', undefined]);
    assert.deepEqual(signatureOf('gemini-4-carbon', own('gemini-3.5-flash')), ['c2ln', undefined]);
    const standIn = ['skip_thought_signature_validator', undefined];
    assert.deepEqual(signatureOf('gemini-3.5-flash', undefined), standIn);
    assert.deepEqual(signatureOf('gemini-3.5-flash', own('gemini-2.5-pro')), standIn);
    const foreign: Opaque = {
      kind: 'signature',
      value: 'c2ln',
      origin: { protocol: 'anthropic-messages', model: 'claude-sonnet-4-5' },
    };
    assert.deepEqual(signatureOf('gemini-3.5-flash', foreign), standIn);
  });

  test('a model that asks for none gets none that is not its own', () => {
    assert.deepEqual(signatureOf('gemini-2.5-flash', undefined), [undefined, undefined]);
    assert.deepEqual(signatureOf('gemini-2.5-flash', own('gemini-3.5-flash')), [undefined, undefined]);
  });
});

test('a schema of this wire becomes JSON Schema, null and bounds included', () => {
  const schema = toJsonSchema({
    type: 'OBJECT',
    property_ordering: ['a'],
    properties: {
      a: { type: 'STRING', nullable: true, format: 'enum', enum: ['x'] },
      type: { type: 'ARRAY', items: { anyOf: [{ type: 'INTEGER' }, { type: 'NULL' }] }, min_items: '2' },
    },
    required: ['a'],
  });
  assert.deepEqual(schema, {
    type: 'object',
    properties: {
      a: { type: ['string', 'null'], enum: ['x', null] },
      type: { type: 'array', items: { anyOf: [{ type: 'integer' }, { type: 'null' }] }, minItems: 2 },
    },
    required: ['a'],
  });
});
