import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ModelFacts } from '../../domain/catalogue.ts';
import type { CanonicalRequest, Json } from '../canonical/request.ts';
import { encodeRequest } from './encode-request.ts';

const plain: CanonicalRequest = {
  origin: 'openai-chat',
  model: 'claude-sonnet-4-5',
  stream: false,
  system: [],
  turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
  tools: [],
  stop: [],
  sampling: {},
  includeUsage: true,
  extra: {},
};

const facts: ModelFacts = {
  id: 'x',
  provider: 'anthropic',
  aliases: [],
  contextWindow: 200_000,
  maxOutput: 10_000,
  inputModalities: [],
  outputModalities: [],
};

function encoded(over: Partial<CanonicalRequest>, known: ModelFacts | undefined = facts) {
  const { value, losses } = encodeRequest({ ...plain, ...over }, known);
  return { value, codes: losses.map((loss) => loss.code) };
}

suite('requests of other protocols for Claude models', () => {
  test('the output limit defaults to what the model can produce and is lowered to it', () => {
    assert.equal(encoded({}).value['max_tokens'], 10_000);
    assert.equal(encodeRequest(plain, undefined).value['max_tokens'], 8192);
    assert.equal(encoded({}, { ...facts, maxOutput: 0 }).value['max_tokens'], 8192);
    const lowered = encoded({ maxOutputTokens: 20_000 });
    assert.deepEqual([lowered.value['max_tokens'], lowered.codes], [10_000, ['max_tokens_clamped']]);
  });

  const reasoning: readonly (readonly [string, CanonicalRequest['reasoning'], Json, readonly string[]])[] = [
    ['claude-3-5-haiku', { effort: 'high' }, [null, null], ['reasoning_dropped']],
    ['claude-sonnet-4-5', { effort: 'low' }, [{ type: 'enabled', budget_tokens: 1024 }, null], []],
    ['claude-sonnet-4-5', { effort: 'none' }, [null, null], []],
    [
      'claude-opus-4-6',
      { effort: 'xhigh' },
      [{ type: 'adaptive', display: 'summarized' }, 'high'],
      ['reasoning_level_changed'],
    ],
    ['claude-opus-4-8', { effort: 'minimal' }, [{ type: 'adaptive', display: 'summarized' }, 'low'], []],
    ['claude-opus-4-8', { budget: 20_000 }, [{ type: 'adaptive', display: 'summarized' }, 'high'], []],
    ['claude-opus-4-8', { style: 'off' }, [{ type: 'disabled' }, null], []],
    ['claude-sonnet-5-5', { effort: 'none' }, [{ type: 'between_tools' }, null], ['reasoning_cannot_be_off']],
    ['claude-mythos-5-1', { effort: 'none' }, [null, 'low'], ['reasoning_cannot_be_off']],
  ];
  for (const [model, asked, expected, losses] of reasoning) {
    test(`${model} is asked to reason with ${JSON.stringify(asked)} in its own words`, () => {
      const { value, codes } = encoded({ model, ...(asked === undefined ? {} : { reasoning: asked }) });
      const config = (value['output_config'] ?? {}) as { readonly effort?: string };
      assert.deepEqual([value['thinking'] ?? null, config.effort ?? null], expected);
      assert.deepEqual(codes, losses);
    });
  }

  test('a small output limit leaves no room for a thinking budget', () => {
    const { value, codes } = encoded({ maxOutputTokens: 1500, reasoning: { effort: 'high' } });
    assert.equal(value['thinking'], undefined);
    assert.deepEqual(codes, ['reasoning_off_small_limit']);
  });

  test('an open tool call without thinking of its own turns budget thinking off', () => {
    const turns: CanonicalRequest['turns'] = [
      ...plain.turns,
      { role: 'assistant', parts: [{ type: 'tool-call', id: 'a', name: 'f', argumentsText: '{}' }] },
      { role: 'tool', parts: [{ type: 'tool-result', callId: 'a', parts: [], isError: false }] },
    ];
    assert.deepEqual(encoded({ turns, reasoning: { effort: 'high' } }).codes, ['reasoning_off_in_tool_loop']);
  });

  test('a forced tool is weakened where the model thinks, and kept where it does not', () => {
    const tools = [
      { type: 'function', name: 'f', schema: { type: 'object' } },
      { type: 'function', name: 'g' },
    ] as const;
    const toolChoice = { type: 'required' } as const;
    assert.deepEqual(encoded({ tools, toolChoice }).value['tool_choice'], { type: 'any' });
    const thinking = encoded({ tools, toolChoice, reasoning: { effort: 'high' } });
    assert.deepEqual(thinking.value['tool_choice'], { type: 'auto' });
    assert.deepEqual(thinking.codes, ['tool_choice_weakened']);
    assert.deepEqual(encoded({ tools, toolChoice, model: 'claude-opus-5-5' }).codes, [
      'tool_choice_weakened',
    ]);
  });

  test('sampling is clamped or dropped as the generation demands', () => {
    const sampling = { temperature: 1.7, topP: 0.5, topK: 3 };
    const older = encoded({ model: 'claude-3-opus-latest', sampling });
    assert.deepEqual([older.value['temperature'], older.value['top_p'], older.value['top_k']], [1, 0.5, 3]);
    assert.deepEqual(older.codes, ['temperature_clamped']);
    assert.deepEqual(encoded({ sampling }).codes, ['temperature_clamped', 'top_p_dropped']);
    const newest = encoded({ model: 'claude-opus-4-8', sampling }).codes;
    assert.deepEqual(newest, ['temperature_dropped', 'top_p_dropped', 'top_k_dropped']);
    assert.deepEqual(encoded({ model: 'claude-opus-4-8', sampling: { temperature: 1 } }).codes, []);
  });

  test('a begun answer goes to models that continue it, without trailing blanks, and is refused for others', () => {
    const turns: CanonicalRequest['turns'] = [
      ...plain.turns,
      { role: 'assistant', parts: [{ type: 'text', text: 'So  ' }] },
    ];
    const messages = encoded({ turns }).value['messages'] as readonly Json[];
    assert.deepEqual(messages.at(-1), { role: 'assistant', content: 'So' });
    assert.deepEqual(encoded({ turns, model: 'claude-opus-4-8' }).codes, ['prefill_refused']);
  });

  test('at most four cache marks are sent, the shared prefix and the latest turns first, long lives ahead', () => {
    const marked = (text: string, ttl: '5m' | '12h') => ({ type: 'text', text, cache: { ttl } }) as const;
    const turns: CanonicalRequest['turns'] = [
      { role: 'user', parts: [marked('1', '12h'), marked('2', '5m'), marked('3', '12h'), marked('4', '5m')] },
    ];
    const { value } = encoded({ system: [marked('s', '12h'), marked('t', '12h')], turns });
    const kept = [
      ...JSON.stringify(value).matchAll(/"text":"(\w)","cache_control":\{"type":"ephemeral"(,"ttl":"\w+")?/g),
    ];
    assert.deepEqual(
      kept.map(([, text, ttl]) => [text, ttl ?? '']),
      [
        ['s', ',"ttl":"1h"'],
        ['t', ',"ttl":"1h"'],
        ['3', ',"ttl":"1h"'],
        ['4', ',"ttl":"5m"'],
      ],
    );
  });
});
