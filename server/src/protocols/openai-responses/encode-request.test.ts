import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { RelayError } from '../../domain/errors.ts';
import { asObject, asObjects } from '../canonical/read-json.ts';
import type { CanonicalRequest, Part, Turn } from '../canonical/request.ts';
import { decodeRequest } from './decode-request.ts';
import { encodeRequest } from './encode-request.ts';

/** Requests as another protocol's client would have made them. */
function foreign(turns: readonly Turn[], over: Partial<CanonicalRequest> = {}): CanonicalRequest {
  return {
    origin: 'anthropic-messages',
    model: 'gpt-5.6-sol',
    stream: true,
    system: [],
    turns,
    tools: [],
    stop: [],
    sampling: {},
    includeUsage: true,
    extra: {},
    ...over,
  };
}

const hi: Turn = { role: 'user', parts: [{ type: 'text', text: 'Hi' }] };
const sealed: Part = {
  type: 'reasoning',
  text: 'Hm.',
  opaque: {
    kind: 'encrypted',
    value: 'gAAAA',
    origin: { protocol: 'openai-responses', model: 'gpt-5.6-sol' },
  },
};

function codesOf(request: CanonicalRequest): readonly string[] {
  return encodeRequest(request, undefined).losses.map((loss) => loss.code);
}

suite('a foreign request as Responses', () => {
  test('leaves nothing at the provider and gets its reasoning encrypted', () => {
    const { value } = encodeRequest(foreign([hi]), undefined);
    assert.equal(value['store'], false);
    assert.deepEqual(value['include'], ['reasoning.encrypted_content']);
    const plain = encodeRequest(foreign([hi], { model: 'gpt-4.1' }), undefined).value;
    assert.equal(plain['include'], undefined);
  });

  test('says of every function whether it is strict', () => {
    const closed = { type: 'object', properties: {}, required: [], additionalProperties: false };
    const tools = [
      { type: 'function', name: 'a' },
      { type: 'function', name: 'b', strict: true, schema: closed },
    ] as const;
    const { value } = encodeRequest(foreign([hi], { tools }), undefined);
    assert.deepEqual(
      asObjects(value['tools']).map((tool) => tool['strict']),
      [false, true],
    );
  });

  test('sends reasoning back only where something follows it', () => {
    const text: Part = { type: 'text', text: 'Yes.' };
    const whole = foreign([hi, { role: 'assistant', parts: [sealed, text] }, hi]);
    const types = asObjects(encodeRequest(whole, undefined).value['input']).map((item) => item['type']);
    assert.deepEqual(types, ['message', 'reasoning', 'message', 'message']);
    const aborted = foreign([hi, { role: 'assistant', parts: [sealed] }, hi]);
    assert.ok(!JSON.stringify(encodeRequest(aborted, undefined).value).includes('gAAAA'));
  });

  test('tells what was said before a call from the final answer', () => {
    const call: Part = { type: 'tool-call', id: 'call_1', name: 'now', argumentsText: '' };
    const result: Part = { type: 'tool-result', callId: 'call_1', parts: [], isError: false };
    const turns: readonly Turn[] = [
      hi,
      { role: 'assistant', parts: [{ type: 'text', text: 'Looking.' }, call] },
      { role: 'tool', parts: [result] },
      { role: 'assistant', parts: [{ type: 'text', text: 'Noon.' }] },
      hi,
    ];
    const input = asObjects(encodeRequest(foreign(turns), undefined).value['input']);
    assert.deepEqual(
      input.flatMap((item) => item['phase'] ?? []),
      ['commentary', 'final_answer'],
    );
    assert.equal(input.find((item) => item['type'] === 'function_call')?.['arguments'], '{}');
  });

  test('asks for summaries only where the client would show them', () => {
    const asked = (reasoning: CanonicalRequest['reasoning']): unknown =>
      encodeRequest(foreign([hi], reasoning === undefined ? {} : { reasoning }), undefined).value[
        'reasoning'
      ];
    assert.equal(asked(undefined), undefined);
    assert.deepEqual(asked({ effort: 'high' }), { effort: 'high', summary: 'auto' });
    assert.deepEqual(asked({ effort: 'high', show: 'none' }), { effort: 'high' });
    assert.deepEqual(asked({ style: 'off' }), { effort: 'none' });
  });

  test('names what this wire has no field for', () => {
    assert.deepEqual(
      codesOf(foreign([hi], { stop: ['END'], sampling: { topK: 5, seed: 1 }, maxOutputTokens: 5 })),
      ['top_k_dropped', 'seed_dropped', 'max_tokens_raised'],
    );
    assert.deepEqual(codesOf(foreign([hi], { sampling: { choices: 2, logprobs: true } })), [
      'choices_refused',
      'logprobs_refused',
    ]);
  });

  test('makes a free-text tool of Chat Completions one of its own, with its calls and results', () => {
    const grammar = { syntax: 'lark', definition: 'start: "x"' };
    const custom = { type: 'custom', custom: { name: 'patch', format: { type: 'grammar', grammar } } };
    const call: Part = {
      type: 'tool-call',
      id: 'call_1',
      name: 'patch',
      argumentsText: '{"input":"x"}',
      extra: { custom: true },
    };
    const result: Part = {
      type: 'tool-result',
      callId: 'call_1',
      parts: [{ type: 'text', text: 'ok' }],
      isError: false,
    };
    const request = foreign([hi, { role: 'assistant', parts: [call] }, { role: 'tool', parts: [result] }], {
      origin: 'openai-chat',
      tools: [{ type: 'function', name: 'patch', extra: { custom } }],
    });
    const { value } = encodeRequest(request, undefined);
    assert.deepEqual(asObject(asObjects(value['tools'])[0]?.['format']), { type: 'grammar', ...grammar });
    assert.deepEqual(asObjects(value['input']).slice(1), [
      { type: 'custom_tool_call', call_id: 'call_1', name: 'patch', input: 'x' },
      { type: 'custom_tool_call_output', call_id: 'call_1', output: 'ok' },
    ]);
  });
});

suite('a Responses request that counts on what a provider keeps', () => {
  const cases = [
    ['previous_response_id', { previous_response_id: 'resp_1' }],
    ['conversation', { conversation: { id: 'conv_1' } }],
    ['prompt', { prompt: { id: 'pmpt_1' } }],
    ['background', { background: true }],
    ['input[0]', { input: [{ type: 'item_reference', id: 'msg_1' }] }],
  ] as const;
  for (const [param, fields] of cases) {
    test(`is refused for ${param} with a sentence that says why`, () => {
      assert.throws(
        () => decodeRequest({ model: 'm', input: 'Hi', ...fields }, { operation: 'generate', query: '' }),
        (error) =>
          error instanceof RelayError && error.code === 'invalid_request' && error.details.param === param,
      );
    });
  }
});
