import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { collect } from '../../src/protocols/canonical/collect.ts';
import type { CanonicalRequest, JsonObject } from '../../src/protocols/canonical/request.ts';
import { geminiTranslation } from '../../src/protocols/gemini/translation.ts';
import { upstreamHalf } from '../../../tools/replay/translated/client-request.ts';
import {
  anthropic,
  chat,
  chatStream,
  chunk,
  decodeStream,
  fragment,
  responses,
  target,
  translate,
} from './translation-material.ts';

const geminiModel = 'gemini-3.5-flash';

function toGemini(body: JsonObject): JsonObject {
  const request = anthropic.translation.decodeRequest(body, target);
  return geminiTranslation.encodeRequest({ ...request, model: geminiModel }, undefined).value;
}

function partsOf(value: JsonObject): readonly JsonObject[] {
  const contents = value['contents'] as readonly { readonly parts: readonly JsonObject[] }[];
  return contents.flatMap(({ parts }) => parts);
}

/** Faults of conversations and of usage that translating relays are known for, each held off by name. */
suite('known faults of conversations', () => {
  test('user turns that follow each other are one turn to Gemini', () => {
    const messages = ['One', 'Two', 'Three'].map((content) => ({ role: 'user', content }));
    const value = toGemini({ model: 'x', max_tokens: 9, messages });
    const contents = value['contents'] as readonly JsonObject[];
    assert.deepEqual(
      contents.map(({ role }) => role),
      ['user'],
    );
    assert.deepEqual(
      partsOf(value).map(({ text }) => text),
      ['One', 'Two', 'Three'],
    );
  });

  test('a call without any arguments is one with an empty object, in the stream and in the history', () => {
    const calling = [chunk(fragment(0, 'c1', 'apply_patch', '')), chunk({}, 'tool_calls')];
    const events = translate(chat, anthropic, chatStream(calling));
    const pieces = events.flatMap((event) => {
      const delta = event['delta'] as JsonObject | undefined;
      return delta?.['partial_json'] === undefined ? [] : [delta['partial_json'] as string];
    });
    assert.deepEqual(JSON.parse(pieces.join('') || '{}'), {});
    const call = { id: 'c1', type: 'function', function: { name: 'apply_patch', arguments: '' } };
    const messages = [
      { role: 'user', content: 'Go' },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: 'done' },
    ];
    const request = chat.translation.decodeRequest({ model: 'x', messages }, target);
    const { value } = anthropic.translation.encodeRequest(
      { ...request, model: 'claude-sonnet-4-5' },
      undefined,
    );
    assert.ok(JSON.stringify(value).includes('"name":"apply_patch","input":{}'));
  });

  test('items whose ids change on the way are told apart by their place', () => {
    const event = (type: string, fields: JsonObject): string =>
      `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
    const item = (id: string): JsonObject => ({ id, type: 'function_call', call_id: 'c1', name: 'f' });
    const stream = [
      event('response.created', { response: { id: 'resp_1', model: 'm' } }),
      event('response.output_item.added', { output_index: 0, item: { ...item('a'), arguments: '' } }),
      event('response.function_call_arguments.delta', { output_index: 0, item_id: 'b', delta: '{"x":' }),
      event('response.function_call_arguments.delta', { output_index: 0, item_id: 'c', delta: '1}' }),
      event('response.output_item.done', { output_index: 0, item: { ...item('d'), arguments: '{"x":1}' } }),
      event('response.completed', {
        response: { id: 'resp_1', model: 'm', status: 'completed', output: [] },
      }),
    ];
    const { parts } = collect(decodeStream(responses, Buffer.from(stream.join(''))));
    assert.deepEqual(
      parts.map((part) => part.type === 'tool-call' && [part.id, part.name, part.argumentsText]),
      [['c1', 'f', '{"x":1}']],
    );
  });

  test('no tool at all means none that the provider runs either', () => {
    const value = toGemini({
      model: 'x',
      max_tokens: 9,
      messages: [{ role: 'user', content: 'Hi' }],
      tools: [
        { name: 'f', input_schema: { type: 'object', properties: {} } },
        { type: 'web_search_20250305', name: 'web_search' },
      ],
      tool_choice: { type: 'none' },
    });
    assert.ok(!JSON.stringify(value['tools']).includes('googleSearch'));
    assert.ok(JSON.stringify(value).includes('"mode":"NONE"'));
  });

  test('an answer that was blocked for a reason nobody knows yet is withheld, not empty', () => {
    const request: CanonicalRequest = geminiTranslation.decodeRequest(
      { contents: [{ parts: [{ text: 'Hi' }] }] },
      { ...target, model: geminiModel },
    );
    const body = { promptFeedback: { blockReason: 'SOMETHING_NEW' }, modelVersion: 'm' };
    assert.equal(collect(geminiTranslation.decodeUnary(body, request)).stop, 'filter');
  });

  test('an image of an Anthropic client reaches Gemini', () => {
    const source = { type: 'base64', media_type: 'image/png', data: 'aGk=' };
    const content = [
      { type: 'text', text: 'Look' },
      { type: 'image', source },
    ];
    const value = toGemini({ model: 'x', max_tokens: 9, messages: [{ role: 'user', content }] });
    assert.deepEqual(partsOf(value)[1], { inlineData: { mimeType: 'image/png', data: 'aGk=' } });
  });

  test('the whole prompt that OpenAI counts is split for an Anthropic client: cached tokens are not input', () => {
    const usage = {
      prompt_tokens: 1_000,
      completion_tokens: 10,
      total_tokens: 1_010,
      prompt_tokens_details: { cached_tokens: 900 },
    };
    const stream = [chunk({ content: 'Hi' }), chunk({}, 'stop'), chunk({}, null, { choices: [], usage })];
    const events = translate(chat, anthropic, chatStream(stream));
    const told = events.find((event) => event['type'] === 'message_delta')?.['usage'] as JsonObject;
    assert.deepEqual([told['input_tokens'], told['cache_read_input_tokens']], [100, 900]);
  });

  test('what a tool of the provider put into the prompt is counted', () => {
    const request = geminiTranslation.decodeRequest(
      { contents: [{ parts: [{ text: 'Hi' }] }] },
      { ...target, model: geminiModel },
    );
    const usageMetadata = {
      promptTokenCount: 10,
      toolUsePromptTokenCount: 25,
      candidatesTokenCount: 5,
      totalTokenCount: 40,
    };
    const content = { role: 'model', parts: [{ text: 'Hi' }] };
    const body = { candidates: [{ content, finishReason: 'STOP' }], usageMetadata, modelVersion: 'm' };
    const { usage } = collect(upstreamHalf('gemini').decodeUnary(body, request));
    assert.deepEqual([usage.input, usage.output], [35, 5]);
  });
});
