import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { readCatalogue } from './catalogue-json.ts';
import type { ModelFacts } from './catalogue.ts';
import { abilitiesOf, readFamilies } from './model-families.ts';

const file = new URL('../../catalogue/models.json', import.meta.url);
const { models } = readCatalogue(JSON.parse(readFileSync(file, 'utf8')));

const row: ModelFacts = {
  id: 'brand-new',
  provider: 'example',
  aliases: [],
  contextWindow: 0,
  maxOutput: 0,
  inputModalities: [],
  outputModalities: ['text'],
};

function of(model: string, facts?: ModelFacts, protocol = 'openai-chat', upstream?: string) {
  return abilitiesOf({ model, protocol, upstream }, facts);
}

suite('what a model accepts', () => {
  test('every model of the catalogue that answers in text has a family of its own', () => {
    // What an unknown name is taken for depends on the wire; what a family says does not.
    const strangers = models
      .filter((model) => model.outputModalities.includes('text'))
      .filter((model) => of(model.id, model, 'gemini').signedCalls !== of(model.id, model).signedCalls);
    assert.deepEqual(
      strangers.map((model) => model.id),
      [],
    );
  });

  test('a generation adds to those before it', () => {
    assert.equal(of('claude-opus-4-5').sampling, 'always');
    assert.equal(of('claude-opus-4-7').sampling, 'never');
    assert.equal(of('claude-opus-9').forcedToolChoice, 'never');
    assert.equal(of('claude-opus-4-20250514').strictSchema, false);
    assert.equal(of('claude-3-5-sonnet-20241022').thinkingStyle, 'none');
    assert.deepEqual(of('gpt-5.6-sol').efforts, ['none', 'low', 'medium', 'high', 'xhigh', 'max']);
    assert.equal(of('gpt-7').developerRole, true);
  });

  test('a new model is a row: its family, its own differences, and those of one upstream', () => {
    const facts: ModelFacts = {
      ...row,
      family: 'openai-o',
      accepts: { stopLimit: 2 },
      acceptsAt: { groq: { efforts: ['high'] } },
    };
    assert.equal(of('brand-new', facts).sampling, 'never');
    assert.equal(of('brand-new', facts).stopLimit, 2);
    assert.deepEqual(of('brand-new', facts).efforts, ['low', 'medium', 'high']);
    assert.deepEqual(of('brand-new', facts, 'openai-chat', 'groq').efforts, ['high']);
  });

  test('a family may differ at one upstream, and those like it with it', () => {
    assert.equal(of('claude-opus-4-8').strictSchema, true);
    assert.equal(of('claude-opus-4-8', undefined, 'anthropic-messages', 'vertex').strictSchema, false);
    assert.equal(of('claude-opus-4-8', undefined, 'anthropic-messages', 'anthropic').strictSchema, true);
    assert.equal(of('gemini-3.5-flash', undefined, 'gemini', 'vertex').strictSchema, true);
  });

  test('the media a row lists go before those of its family', () => {
    const deaf = of('brand-new', { ...row, inputModalities: ['text', 'image'] });
    assert.deepEqual([deaf.vision, deaf.pdf, deaf.audioIn], [true, false, false]);
    assert.equal(of('brand-new', row).audioIn, true);
  });

  test("an operator's own name is taken for what is usual on the wire", () => {
    assert.equal(of('house-model', undefined, 'anthropic-messages').thinkingStyle, 'budget');
    assert.equal(of('house-model', undefined, 'gemini').signedCalls, true);
    assert.equal(of('house-model', undefined, 'openai-chat').openAiFields, false);
    assert.equal(of('my-qwen3-finetune', { ...row, id: 'qwen3-ours' }).thinkingStyle, 'budget');
  });

  test('a table that does not fit its schema is refused with the place of the fault', () => {
    const families = (more: object) => ({ note: '', families: [{ id: 'a', accepts: {}, ...more }] });
    assert.throws(() => readFamilies(families({ accepts: { prefil: true } })), /prefil/);
    assert.throws(() => readFamilies(families({ like: 'b' })), /there is no family "b"/);
    assert.throws(() => readFamilies(families({})), /thinkingStyle/);
  });

  test('a row with an ability or a family that does not exist is refused by name', () => {
    const written = { ...row, prices: [] };
    const read = (more: object) => () => readCatalogue({ models: [{ ...written, ...more }] });
    assert.throws(read({ accepts: { vison: true } }), /brand-new\.accepts.*vison/);
    assert.throws(read({ family: 'gpt-nine' }), /brand-new\.family/);
    assert.doesNotThrow(read({ family: 'gpt', acceptsAt: { azure: { prefill: false } } }));
  });
});
