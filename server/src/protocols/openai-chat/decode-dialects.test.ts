import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { abilitiesOf } from '../../domain/model-families.ts';
import { collect } from '../canonical/collect.ts';
import type { CanonicalRequest, JsonObject } from '../canonical/request.ts';
import { createDecoder } from './decode-events.ts';
import { encodeRequest } from './encode-request.ts';

const model = 'anthropic/claude-sonnet-4.5';
const plain: CanonicalRequest = {
  origin: 'anthropic-messages',
  model,
  stream: true,
  system: [],
  turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
  tools: [],
  stop: [],
  sampling: {},
  includeUsage: true,
  extra: {},
};

function answer(dialect: string, chunks: readonly JsonObject[]) {
  const decoder = createDecoder({ ...plain, dialect });
  const events = chunks.flatMap((chunk) => decoder.push(undefined, JSON.stringify({ id: 'a', ...chunk })));
  return collect([...events, ...decoder.finish()]);
}

const said = (delta: JsonObject, finish: string | null = null): JsonObject => ({
  choices: [{ index: 0, delta, finish_reason: finish }],
});

suite('answers in a dialect', () => {
  test('signed reasoning of OpenRouter goes back as it came, whole and in order', () => {
    const details = (text: string, more: JsonObject = {}) => [
      { type: 'reasoning.text', text, format: 'anthropic-claude-v1', index: 0, ...more },
    ];
    const { parts } = answer('openrouter', [
      said({ reasoning: 'Let me', reasoning_details: details('Let me') }),
      said({ reasoning: ' see.', reasoning_details: details(' see.') }),
      said({ reasoning_details: details('', { signature: 'sig==' }) }),
      said({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'gAAA', id: 'rs_1', index: 1 }] }),
      said({ content: 'Hello' }),
      said({}, 'stop'),
    ]);
    const [reasoning, text] = parts;
    assert.ok(reasoning?.type === 'reasoning');
    assert.equal(reasoning.text, 'Let me see.');
    assert.deepEqual(text, { type: 'text', text: 'Hello' });
    const turns = [...plain.turns, { role: 'assistant', parts }, ...plain.turns] as const;
    const back = encodeRequest({ ...plain, turns, dialect: 'openrouter' }, undefined).value['messages'];
    assert.deepEqual((back as readonly JsonObject[])[1], {
      role: 'assistant',
      content: 'Hello',
      reasoning_details: [
        {
          type: 'reasoning.text',
          text: 'Let me see.',
          format: 'anthropic-claude-v1',
          index: 0,
          signature: 'sig==',
        },
        { type: 'reasoning.encrypted', data: 'gAAA', id: 'rs_1', index: 1 },
      ],
    });
  });

  test('sources told beside the choices cite the whole text', () => {
    const source = { title: 'A page', url: 'https://example.com/a', date: null };
    const { parts } = answer('perplexity', [
      { ...said({ content: 'So it is [1].' }), search_results: [source] },
      { ...said({}, 'stop'), search_results: [source] },
    ]);
    assert.deepEqual(parts, [
      { type: 'text', text: 'So it is [1].', citations: [{ url: source.url, raw: source, title: 'A page' }] },
    ]);
  });

  test('reasoning in the text is told apart only where the server is known to write it there', () => {
    const chunks = [said({ content: '<think>Hm' }), said({ content: '</think>\n\nYes' }, 'stop')];
    assert.deepEqual(
      answer('perplexity', chunks).parts.map((part) => part.type),
      ['reasoning', 'text'],
    );
    assert.deepEqual(
      answer('plain', chunks).parts.map((part) => part.type),
      ['text'],
    );
  });
});

suite('requests for models with facts of their own', () => {
  const tools = [{ type: 'function', name: 'f' }] as const;
  const forced = (over: Partial<CanonicalRequest>) => {
    const { value, losses } = encodeRequest(
      { ...plain, tools, toolChoice: { type: 'required' }, ...over },
      undefined,
    );
    const { tool_choice: choice, thinking } = value;
    return { choice, thinking, codes: losses.map(({ code }) => code) };
  };

  test('a model that is not made to call while it thinks stops thinking, unless that was asked for', () => {
    const deepseek = { model: 'deepseek-v4-pro', dialect: 'deepseek' };
    assert.deepEqual(forced(deepseek), { choice: 'required', thinking: { type: 'disabled' }, codes: [] });
    assert.deepEqual(forced({ ...deepseek, reasoning: { effort: 'high' } }), {
      choice: 'auto',
      thinking: { type: 'enabled' },
      codes: ['tool_choice_weakened'],
    });
    assert.deepEqual(forced({ model: 'anthropic/claude-opus-5.5', dialect: 'openrouter' }).codes, [
      'tool_choice_weakened',
    ]);
  });

  test('what the relay knows of the model goes before what its name says', () => {
    const accepts = {
      ...abilitiesOf({ model, protocol: 'openai-chat' }, undefined),
      penalties: true,
      stopLimit: 1,
    };
    const request = { ...plain, accepts, stop: ['a', 'b'], sampling: { presencePenalty: 1, topK: 4 } };
    const { value, losses } = encodeRequest({ ...request, dialect: 'openrouter' }, undefined);
    assert.deepEqual([value['stop'], value['presence_penalty'], value['top_k']], [['a'], 1, 4]);
    assert.deepEqual(losses, []);
  });

  test('cache marks go to servers that take them', () => {
    const marked = { type: 'text', text: 'Long', cache: { ttl: '1h' } } as const;
    const sent = (dialect: string) =>
      JSON.stringify(encodeRequest({ ...plain, system: [marked], dialect }, undefined).value['messages']);
    assert.match(sent('qwen'), /"cache_control":\{"type":"ephemeral","ttl":"1h"\}/);
    assert.ok(!sent('groq').includes('cache_control'));
  });

  test('an image by address is refused for a server that fetches none', () => {
    const image = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } } as const;
    const { losses } = encodeRequest(
      { ...plain, model: 'llava', dialect: 'ollama', turns: [{ role: 'user', parts: [image] }] },
      undefined,
    );
    assert.deepEqual(
      losses.map(({ code }) => code),
      ['media_address_refused', 'empty_turn_filled'],
    );
  });
});
