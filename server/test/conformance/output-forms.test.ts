import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { collect } from '../../src/protocols/canonical/collect.ts';
import { unwrapped } from '../../src/protocols/canonical/object-root.ts';
import type { CanonicalRequest, JsonObject } from '../../src/protocols/canonical/request.ts';
import { geminiTranslation } from '../../src/protocols/gemini/translation.ts';
import { anthropic, chat, responses, target } from './translation-material.ts';

/** Forms of an answer that not every wire can be asked for. */
const upstreams = [
  { name: 'Responses', translation: responses.translation, model: 'gpt-5.5' },
  { name: 'Chat Completions', translation: chat.translation, model: 'gpt-4.1' },
  { name: 'Messages with schemas', translation: anthropic.translation, model: 'claude-sonnet-4-5' },
  { name: 'Messages by a tool', translation: anthropic.translation, model: 'claude-3-5-haiku' },
] as const;
type Upstream = (typeof upstreams)[number];

function ask(config: JsonObject): CanonicalRequest {
  const contents = [{ role: 'user', parts: [{ text: 'Hi' }] }];
  return geminiTranslation.decodeRequest({ contents, generationConfig: config }, { ...target, model: 'm' });
}

function bodyOf(request: CanonicalRequest, { translation, model }: Upstream): JsonObject {
  return translation.encodeRequest({ ...request, model }, undefined).value;
}

/** What a model writes that keeps to the schema it was sent, as its provider tells it. */
function answer(name: string, text: string): JsonObject {
  if (name === 'Responses') {
    const content = [{ type: 'output_text', text, annotations: [] }];
    return {
      id: 'r',
      status: 'completed',
      model: 'm',
      output: [{ type: 'message', role: 'assistant', content }],
    };
  }
  if (name === 'Chat Completions') {
    return {
      id: 'c',
      model: 'm',
      choices: [{ index: 0, message: { content: text }, finish_reason: 'stop' }],
    };
  }
  const block = name.endsWith('tool')
    ? { type: 'tool_use', id: 't', name: 'json_response', input: JSON.parse(text) as JsonObject }
    : { type: 'text', text };
  return {
    id: 'm',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [block],
    stop_reason: 'end_turn',
  };
}

function told(request: CanonicalRequest, upstream: Upstream, written: string): string {
  const asked = { ...request, model: upstream.model };
  const wrapped =
    geminiTranslation.wrapAnswers?.(upstream.translation, asked, {} as never) ?? upstream.translation;
  const { parts } = collect(wrapped.decodeUnary(answer(upstream.name, written), asked));
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

suite('a schema whose root is no object', () => {
  const request = ask({
    responseMimeType: 'application/json',
    responseJsonSchema: { type: 'array', items: { $ref: '#/$defs/n' }, $defs: { n: { type: 'number' } } },
  });
  for (const upstream of upstreams) {
    const isNative = upstream.name === 'Messages with schemas';
    test(`reaches ${upstream.name} in the form it takes, and the client gets the array`, () => {
      const sent = JSON.stringify(bodyOf(request, upstream));
      assert.equal(sent.includes('"answer":{"type":"array"'), !isNative, sent);
      assert.equal(told(request, upstream, isNative ? '[1,2]' : '{"answer":[1,2]}'), '[1,2]');
    });
  }

  test('is unwrapped the same wherever the stream is cut, and what is not wrapped goes through', () => {
    const wholes = fc.oneof(
      fc.jsonValue().map((value) => [JSON.stringify({ answer: value }), JSON.stringify(value)] as const),
      fc
        .jsonValue()
        .map((value) => [` {\n "answer" : ${JSON.stringify(value)} \n}\n`, JSON.stringify(value)] as const),
      fc.constantFrom('[1]', 'Sorry, no.', '', '{"other":1}', '{').map((text) => [text, text] as const),
    );
    fc.assert(
      fc.property(wholes, fc.array(fc.nat(40)), ([text, expected], sizes) => {
        const rewriter = unwrapped();
        let out = '';
        let at = 0;
        for (const size of [...sizes, text.length]) {
          out += rewriter.push(text.slice(at, at + size));
          at += size;
        }
        assert.equal((out + rewriter.finish()).trim(), expected.trim());
      }),
    );
  });
});

suite('one word of a list', () => {
  const request = ask({
    responseMimeType: 'text/x.enum',
    responseSchema: { type: 'STRING', enum: ['yes', 'no'] },
  });
  for (const upstream of upstreams) {
    test(`is asked of ${upstream.name} by a schema, and told without quotes`, () => {
      const { value, losses } = upstream.translation.encodeRequest(
        { ...request, model: upstream.model },
        undefined,
      );
      assert.match(JSON.stringify(value), /"enum":\["yes","no"\]/u);
      assert.ok(!losses.some(({ code }) => code.includes('enum')));
      const isNative = upstream.name === 'Messages with schemas';
      assert.equal(told(request, upstream, isNative ? '"yes"' : '{"answer":"yes"}'), 'yes');
    });
  }

  test('goes to its own provider as it came', () => {
    const { value } = geminiTranslation.encodeRequest(request, undefined);
    assert.deepEqual(value['generationConfig'], {
      responseMimeType: 'text/x.enum',
      responseSchema: { type: 'STRING', enum: ['yes', 'no'] },
    });
  });
});

suite('JSON without a schema', () => {
  const silent = ask({ responseMimeType: 'application/json' });
  test('is said in words where OpenAI would refuse it unsaid, once and in the same place', () => {
    for (const upstream of upstreams.slice(0, 2)) {
      const sent = JSON.stringify(bodyOf(silent, upstream));
      assert.equal(sent.split('Reply with one JSON object.').length, 2, sent);
      assert.equal(sent, JSON.stringify(bodyOf(silent, upstream)));
    }
  });

  test('is not said again where the client says it', () => {
    const contents = [{ role: 'user', parts: [{ text: 'Answer in json.' }] }];
    const spoken = geminiTranslation.decodeRequest(
      { contents, generationConfig: { responseMimeType: 'application/json' } },
      { ...target, model: 'm' },
    );
    for (const upstream of upstreams.slice(0, 2)) {
      assert.ok(!JSON.stringify(bodyOf(spoken, upstream)).includes('Reply with one JSON object.'));
    }
  });
});
