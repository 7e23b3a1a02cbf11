import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { JsonObject } from '../canonical/request.ts';
import { decodeRequest } from './decode-request.ts';
import { inspectChat } from './inspect.ts';
import { toOwnShape } from './own-shape.ts';

const target = { operation: 'generate', query: '' } as const;

function isOutOfLine(body: JsonObject): boolean {
  return inspectChat(Buffer.from(JSON.stringify(body)), target).isOutOfLine === true;
}

const user = { role: 'user', content: 'hi' };
const own: JsonObject = {
  model: 'm',
  messages: [
    { role: 'system', content: [{ type: 'text', text: 'name' }] },
    user,
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"type":"image"}' } }],
    },
    { role: 'tool', tool_call_id: 'c', content: [{ type: 'text', text: 'ok' }] },
  ],
  tools: [
    {
      type: 'function',
      function: { name: 'f', parameters: { type: 'object', properties: { name: { type: 'string' } } } },
    },
    { type: 'custom', custom: { name: 'g' } },
    { type: 'web_search' },
  ],
  functions: [{ name: 'old', parameters: {} }],
  max_tokens: 5,
  max_completion_tokens: null,
};

suite('a body on the chat path', () => {
  test('in its own form is in line, deprecated fields included', () => {
    assert.equal(isOutOfLine(own), false);
    assert.deepEqual(toOwnShape(own), own);
  });

  test('in another form is told apart', () => {
    const variants: readonly JsonObject[] = [
      { model: 'm', input: 'hi' },
      { model: 'm', messages: [user], tools: [{ type: 'function', name: 'f', parameters: {} }] },
      { model: 'm', messages: [user], tools: [{ name: 'f', input_schema: {} }] },
      { model: 'm', messages: [{ role: 'user', content: [{ type: 'input_text', text: 'hi' }] }] },
      {
        model: 'm',
        messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'x' }] }],
      },
      { model: 'm', messages: [{ type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }] },
      {
        model: 'm',
        messages: [
          { role: 'assistant', tool_calls: [{ id: 'c', function: { name: 'f', arguments: { a: 1 } } }] },
        ],
      },
      { model: 'm', messages: [user], max_tokens: 1, max_completion_tokens: 2 },
      { model: 'm', messages: [user], system: 'Be kind.' },
    ];
    for (const body of variants) assert.equal(isOutOfLine(body), true, JSON.stringify(body));
  });

  test('shaped as a Responses call is read as one', () => {
    const request = decodeRequest(
      {
        model: 'm',
        instructions: 'Be kind.',
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_text', text: 'look' },
              { type: 'input_image', image_url: 'https://x/y.png' },
            ],
          },
          { type: 'function_call', call_id: 'c1', name: 'read', arguments: '{"a":1}' },
          { type: 'function_call', call_id: 'c2', name: 'read', arguments: 'not json' },
          { type: 'function_call_output', call_id: 'c1', output: 'one' },
          { type: 'function_call_output', call_id: 'c2', output: [{ type: 'input_text', text: 'two' }] },
        ],
        tools: [
          { type: 'function', name: 'read', parameters: { type: 'object' }, strict: false },
          {
            type: 'custom',
            name: 'patch',
            format: { type: 'grammar', syntax: 'lark', definition: 'start: /x/' },
          },
        ],
        tool_choice: { type: 'function', name: 'read' },
        reasoning: { effort: 'low', summary: 'auto' },
        text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' } }, verbosity: 'low' },
        max_output_tokens: 99,
        include: ['reasoning.encrypted_content'],
        store: false,
        stream: true,
      },
      target,
    );
    assert.deepEqual(
      request.system.map((part) => part.text),
      ['Be kind.'],
    );
    assert.deepEqual(
      request.turns.map((turn) => [turn.role, ...turn.parts.map((part) => part.type)]),
      [
        ['user', 'text', 'image'],
        ['assistant', 'tool-call', 'tool-call'],
        ['tool', 'tool-result'],
        ['tool', 'tool-result'],
      ],
    );
    assert.deepEqual(
      request.tools.map((tool) => tool.name),
      ['read', 'patch'],
    );
    assert.deepEqual(request.toolChoice, { type: 'tool', name: 'read' });
    assert.equal(request.maxOutputTokens, 99);
    assert.equal(request.reasoning?.effort, 'low');
    assert.deepEqual([request.output?.type, request.verbosity], ['schema', 'low']);
    assert.deepEqual(request.extra, {});
  });

  test('with blocks of Anthropic is read as what they mean', () => {
    const shaped = toOwnShape({
      model: 'm',
      system: [{ type: 'text', text: 'Be kind.' }],
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'so' },
            { type: 'tool_use', id: 't', name: 'f', input: { a: 1 } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text: 'done' }] },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
          ],
        },
      ],
    });
    assert.deepEqual(shaped['messages'], [
      { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] },
      {
        role: 'assistant',
        content: [{ type: 'text', text: 'so' }],
        tool_calls: [{ id: 't', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
      },
      { role: 'tool', tool_call_id: 't', content: [{ type: 'text', text: 'done' }] },
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] },
    ]);
  });

  test('that counts on what a provider keeps is refused with the field named', () => {
    assert.throws(
      () => decodeRequest({ model: 'm', input: 'hi', previous_response_id: 'resp_1' }, target),
      /Earlier responses are not kept/,
    );
  });
});
