import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { collect } from '../../src/protocols/canonical/collect.ts';
import type { JsonObject } from '../../src/protocols/canonical/request.ts';
import { target, anthropic, chat, encodeStream, parseSse, plainRequest } from './translation-material.ts';

/** Faults that translating relays are known for, each held off by name. */
suite('known faults of tools and formats', () => {
  test('a free-text tool survives the way through a function and back', () => {
    const tools = [{ type: 'custom', custom: { name: 'patch', description: 'Applies a patch.' } }];
    const body = { model: 'x', messages: [{ role: 'user', content: 'Hi' }], tools };
    const request = { ...chat.translation.decodeRequest(body, target), includeUsage: true };
    const encoded = anthropic.translation.encodeRequest(
      { ...request, model: 'claude-sonnet-4-5' },
      undefined,
    ).value;
    assert.deepEqual((encoded['tools'] as readonly JsonObject[])[0]?.['input_schema'], {
      type: 'object',
      properties: { input: { type: 'string' } },
      required: ['input'],
    });
    const call = { type: 'tool_use', id: 't1', name: 'patch', input: { input: '*** Begin\n"x"' } };
    const events = anthropic.translation.decodeUnary(
      { id: 'm', content: [call], stop_reason: 'tool_use' },
      request,
    );
    const answer = chat.translation.encodeUnary(events, request);
    const [choice] = answer['choices'] as readonly JsonObject[];
    assert.deepEqual((choice?.['message'] as JsonObject | undefined)?.['tool_calls'], [
      { id: 't1', type: 'custom', custom: { name: 'patch', input: '*** Begin\n"x"' } },
    ]);
    const streamed = parseSse(encodeStream(chat, events, request)).flatMap((item) => {
      const [first] = (item['choices'] ?? []) as readonly JsonObject[];
      return ((first?.['delta'] as JsonObject | undefined)?.['tool_calls'] ?? []) as readonly JsonObject[];
    });
    assert.deepEqual((streamed[0]?.['custom'] as JsonObject | undefined)?.['input'], '*** Begin\n"x"');
  });

  test('a tool name with dots comes back to the client as it was declared', () => {
    const tools = [{ type: 'function', function: { name: 'mcp.files.read' } }];
    const body = { model: 'x', messages: [{ role: 'user', content: 'Hi' }], tools };
    const request = chat.translation.decodeRequest(body, target);
    const encoded = anthropic.translation.encodeRequest(request, undefined).value;
    const name = (encoded['tools'] as readonly JsonObject[])[0]?.['name'] ?? '';
    assert.match(JSON.stringify(name), /^"[A-Za-z0-9_-]{1,64}"$/);
    const content = [{ type: 'tool_use', id: 't', name, input: {} }];
    const events = anthropic.translation.decodeUnary({ id: 'm', content, stop_reason: 'tool_use' }, request);
    const [call] = collect(events).parts;
    assert.ok(call?.type === 'tool-call' && call.name === 'mcp.files.read');
  });

  test('a schema asked of an older Claude model by a forced tool comes back as text', () => {
    const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] };
    const format = { type: 'json_schema', json_schema: { name: 'x', schema } };
    const body = {
      model: 'claude-sonnet-4-0',
      messages: [{ role: 'user', content: 'Hi' }],
      response_format: format,
    };
    const request = chat.translation.decodeRequest(body, target);
    const content = [{ type: 'tool_use', id: 't', name: 'json_response', input: { a: 1 } }];
    const events = anthropic.translation.decodeUnary({ id: 'm', content, stop_reason: 'tool_use' }, request);
    const answer = collect(events);
    assert.deepEqual(answer.parts, [{ type: 'text', text: '{"a":1}' }]);
    assert.equal(answer.stop, 'end');
  });

  test('a tool forced on a model that refuses forced tools is asked for by format and answered as its call', () => {
    const parameters = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] };
    const body = {
      model: 'claude-sonnet-5-5',
      messages: [{ role: 'user', content: 'Hi' }],
      tools: [{ type: 'function', function: { name: 'extract', parameters } }],
      tool_choice: 'required',
    };
    const request = chat.translation.decodeRequest(body, target);
    const encoded = anthropic.translation.encodeRequest(request, undefined).value;
    assert.deepEqual(encoded['tool_choice'], { type: 'none' });
    const content = [{ type: 'text', text: '{"a":1}' }];
    const answer = collect(
      anthropic.translation.decodeUnary({ id: 'm', content, stop_reason: 'end_turn' }, request),
    );
    const [call] = answer.parts;
    assert.ok(call?.type === 'tool-call' && call.name === 'extract' && call.argumentsText === '{"a":1}');
    assert.equal(answer.stop, 'tool-calls');
  });

  test('the deprecated functions are answered in their own form', () => {
    const functions = [{ name: 'f', parameters: { type: 'object', properties: {} } }];
    const body = { model: 'x', messages: [{ role: 'user', content: 'Hi' }], functions };
    const request = chat.translation.decodeRequest(body, target);
    const content = [{ type: 'tool_use', id: 't', name: 'f', input: { a: 1 } }];
    const events = anthropic.translation.decodeUnary({ id: 'm', content, stop_reason: 'tool_use' }, request);
    const [choice] = chat.translation.encodeUnary(events, request)['choices'] as readonly JsonObject[];
    assert.equal(choice?.['finish_reason'], 'function_call');
    assert.deepEqual((choice['message'] as JsonObject)['function_call'], { name: 'f', arguments: '{"a":1}' });
  });

  test('tools in the shape of the other protocol are understood by the chat front', () => {
    const tools = [{ name: 'f', description: 'd', input_schema: { type: 'object', properties: {} } }];
    const request = chat.translation.decodeRequest(
      { model: 'x', messages: [{ role: 'user', content: 'Hi' }], tools, tool_choice: { type: 'any' } },
      target,
    );
    assert.deepEqual(request.tools, [
      { type: 'function', name: 'f', description: 'd', schema: { type: 'object', properties: {} } },
    ]);
    assert.deepEqual(request.toolChoice, { type: 'required' });
  });

  test('a server that fills every field of its schema with nothing made no call and did finish', () => {
    const message = {
      content: 'Hi',
      refusal: '',
      tool_calls: null,
      function_call: { name: '', arguments: '' },
    };
    const body = { id: 'x', model: 'm', choices: [{ index: 0, message, finish_reason: '' }] };
    const answer = collect(chat.translation.decodeUnary(body, plainRequest(chat)));
    assert.deepEqual(answer.parts, [{ type: 'text', text: 'Hi' }]);
    assert.equal(answer.stop, 'end');
  });
});
