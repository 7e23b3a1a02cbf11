import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CanonicalRequest, JsonObject } from '../../src/protocols/canonical/request.ts';
import { geminiTranslation } from '../../src/protocols/gemini/translation.ts';
import { anthropic, chat, responses, target } from './translation-material.ts';

/** The result of a tool, with text, a picture and a document in it, or an error, from every client to every upstream. */
const picture = 'iVBORw0KGgoAAAANSUhEUg';
const paper = 'JVBERi0xLjQKJcfs';
const schema = { type: 'object', properties: {} };

interface Client {
  readonly name: string;
  whole(): CanonicalRequest;
  failed?(): CanonicalRequest;
}

function messages(result: JsonObject): CanonicalRequest {
  const history = [
    { role: 'user', content: 'Go.' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'look', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', ...result }] },
  ];
  const tools = [{ name: 'look', input_schema: schema }];
  return anthropic.translation.decodeRequest(
    { model: 'm', max_tokens: 99, messages: history, tools },
    target,
  );
}

function contents(response: JsonObject, parts: readonly JsonObject[] = []): CanonicalRequest {
  const history = [
    { role: 'user', parts: [{ text: 'Go.' }] },
    { role: 'model', parts: [{ functionCall: { name: 'look', args: {} } }] },
    { role: 'user', parts: [{ functionResponse: { name: 'look', response, parts } }] },
  ];
  const tools = [{ functionDeclarations: [{ name: 'look' }] }];
  return geminiTranslation.decodeRequest({ contents: history, tools }, { ...target, model: 'm' });
}

const clients: readonly Client[] = [
  {
    name: 'Messages',
    whole: () =>
      messages({
        content: [
          { type: 'text', text: 'seen' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: picture } },
          { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: paper } },
        ],
      }),
    failed: () => messages({ content: 'no such file', is_error: true }),
  },
  {
    name: 'Responses',
    whole: () =>
      responses.translation.decodeRequest(
        {
          model: 'm',
          tools: [{ type: 'function', name: 'look', strict: false, parameters: schema }],
          input: [
            { role: 'user', content: 'Go.' },
            { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{}' },
            {
              type: 'function_call_output',
              call_id: 'c1',
              output: [
                { type: 'input_text', text: 'seen' },
                { type: 'input_image', image_url: `data:image/png;base64,${picture}` },
                { type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${paper}` },
              ],
            },
          ],
        },
        target,
      ),
  },
  {
    name: 'Gemini',
    whole: () =>
      contents({ output: 'seen' }, [
        { inlineData: { mimeType: 'image/png', data: picture } },
        { inlineData: { mimeType: 'application/pdf', data: paper } },
      ]),
    failed: () => contents({ error: 'no such file' }),
  },
];

const upstreams = [
  {
    name: 'Messages',
    translation: anthropic.translation,
    model: 'claude-sonnet-4-5',
    error: /"is_error":true/u,
  },
  {
    name: 'Responses',
    translation: responses.translation,
    model: 'gpt-5.5',
    error: /"output":"Error: no such file"/u,
  },
  {
    name: 'Chat Completions',
    translation: chat.translation,
    model: 'gpt-4.1',
    error: /"Error: no such file"/u,
  },
  {
    name: 'Gemini',
    translation: geminiTranslation,
    model: 'gemini-3-flash-preview',
    error: /\{"error":"no such file"\}/u,
  },
] as const;

for (const client of clients) {
  suite(`the result of a tool from a client of ${client.name}`, () => {
    for (const { name, translation, model, error } of upstreams.filter((one) => one.name !== client.name)) {
      test(`reaches ${name} with its text, its picture and its document`, () => {
        const { value, losses } = translation.encodeRequest({ ...client.whole(), model }, undefined);
        const sent = JSON.stringify(value);
        for (const piece of ['seen', picture, paper]) assert.ok(sent.includes(piece), `${piece}: ${sent}`);
        const codes = losses.map(({ code }) => code);
        assert.ok(
          codes.every((code) => code === 'tool_result_media_moved'),
          codes.join(),
        );
      });

      const failed = client.failed?.();
      if (failed === undefined) continue;
      test(`reaches ${name} as the error that it was`, () => {
        const { value, losses } = translation.encodeRequest({ ...failed, model }, undefined);
        assert.match(JSON.stringify(value), error);
        assert.deepEqual(losses, []);
      });
    }
  });
}

suite('marks of what to cache', () => {
  const marked = anthropic.translation.decodeRequest(
    {
      model: 'm',
      max_tokens: 99,
      system: [{ type: 'text', text: 'Rules.', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Go.', cache_control: { type: 'ephemeral' } }] },
      ],
    },
    target,
  );

  test('of Messages are breakpoints where the model takes them, and nothing elsewhere', () => {
    const newest = responses.translation.encodeRequest({ ...marked, model: 'gpt-5.6' }, undefined);
    const sent = JSON.stringify(newest.value);
    assert.match(sent, /"text":"Rules\.","prompt_cache_breakpoint":\{"mode":"explicit","ttl":"12h"\}/u);
    assert.match(sent, /"text":"Go\.","prompt_cache_breakpoint":\{"mode":"explicit"\}/u);
    for (const { translation, model } of [upstreams[2], upstreams[3]]) {
      const { value, losses } = translation.encodeRequest({ ...marked, model }, undefined);
      assert.ok(!/cache/u.test(JSON.stringify(value)));
      assert.deepEqual(losses, []);
    }
  });

  test('of Responses are marks of Messages with the lifetime that comes nearest', () => {
    const mark = (ttl: string): JsonObject => ({ prompt_cache_breakpoint: { mode: 'explicit', ttl } });
    const content = [
      { type: 'input_text', text: 'Long.', ...mark('12h') },
      { type: 'input_text', text: 'Short.', ...mark('30m') },
    ];
    const asked = responses.translation.decodeRequest(
      { model: 'm', input: [{ role: 'user', content }] },
      target,
    );
    const { value } = anthropic.translation.encodeRequest(
      { ...asked, model: 'claude-sonnet-4-5' },
      undefined,
    );
    const sent = JSON.stringify(value);
    assert.match(sent, /"Long\.","cache_control":\{"type":"ephemeral","ttl":"1h"\}/u);
    assert.match(sent, /"Short\.","cache_control":\{"type":"ephemeral","ttl":"5m"\}/u);
  });
});
