import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readCatalogue, readPriceVersion, writePriceVersion } from '../domain/catalogue-json.ts';
import { formatUsd } from '../domain/money.ts';
import { createPriceBook } from './price-book.ts';

const file = new URL('../../catalogue/models.json', import.meta.url);
const catalogue = readCatalogue(JSON.parse(readFileSync(file, 'utf8')));
const book = createPriceBook(catalogue.models, catalogue.prices);
const at = Date.parse('2026-11-22T12:00:00Z');

test('a model is found by its id, by an alias and as provider/model', () => {
  const version = book.find('claude-sonnet-4-20250514', at);
  assert.equal(version?.model, 'claude-sonnet-4-20250514');
  assert.equal(book.find('claude-sonnet-4-0', at), version);
  assert.equal(book.find('anthropic/claude-sonnet-4-20250514', at), version);
  assert.equal(book.find('anthropic/claude-sonnet-4-0', at), version);
});

test('another provider before the name does not match', () => {
  assert.equal(book.find('openai/claude-sonnet-4-20250514', at), undefined);
  assert.equal(book.find('no-such-model', at), undefined);
  assert.equal(book.find('claude-sonnet', at), undefined, 'no prefix matching');
});

test('the version in force is the one that began last', () => {
  const before = book.find('gemini-3.8-flash', Date.parse('2026-12-31T23:59:59.999Z'));
  const after = book.find('gemini-3.8-flash', Date.parse('2027-01-01T00:00:00Z'));
  assert.equal(formatUsd(before?.prices.input ?? (0n as never)), '0.75');
  assert.equal(formatUsd(after?.prices.input ?? (0n as never)), '1.5');
});

test('a version that has ended leaves the model without a price', () => {
  const limited = readPriceVersion({
    id: 'a',
    model: 'm',
    validFrom: 100,
    validUntil: 200,
    prices: { input: '1', output: '1' },
  });
  const short = createPriceBook([], [limited]);
  assert.equal(short.find('m', 99), undefined);
  assert.equal(short.find('m', 100), limited);
  assert.equal(short.find('m', 199), limited);
  assert.equal(short.find('m', 200), undefined);
});

test('of two versions with the same start the one recorded later holds', () => {
  const make = (id: string) =>
    readPriceVersion({ id, model: 'm', validFrom: 5, prices: { input: '1', output: '1' } });
  const [first, second] = [make('first'), make('second')];
  assert.equal(createPriceBook([], [first, second]).find('m', 10), second);
  assert.equal(createPriceBook([], [second, first]).find('m', 10), first);
});

test('every version of the catalogue survives writing and reading', () => {
  for (const version of catalogue.prices) {
    assert.deepEqual(readPriceVersion(JSON.parse(writePriceVersion(version))), version);
  }
});

test('the catalogue prices what callers use', () => {
  for (const name of [
    'gpt-4o',
    'gpt-4o-mini-2024-07-18',
    'gpt-4.1-nano',
    'o3',
    'o4-mini',
    'claude-3-7-sonnet-20250219',
    'claude-3-5-haiku-latest',
    'gemini-2.0-flash',
    'text-embedding-3-small',
    'deepseek-v4-flash',
    'gpt-3.5-turbo-instruct',
  ]) {
    assert.ok(book.find(name, at) !== undefined, name);
  }
});

test('a catalogue with a fault is refused with the place of the fault', () => {
  const model = {
    id: 'm',
    provider: 'p',
    contextWindow: 1,
    maxOutput: 1,
    prices: [{ id: 'v', validFrom: '2026-01-01', prices: { input: 3, output: '1' } }],
  };
  assert.throws(
    () => readCatalogue({ models: [model] }),
    /v\.prices\.input: must be a text of whole nano-USD/,
  );
  const named = { ...model, prices: [], aliases: ['x'] };
  assert.throws(
    () => readCatalogue({ models: [named, { ...named, id: 'n' }] }),
    /x: is the name of two models/,
  );
});

test('a name that carries a surcharge has every price raised, under an id that leads back', () => {
  const spelling = {
    otherNames: (name: string) => [name.replace('apart.', '')],
    surchargeOf: (name: string) => (name.startsWith('apart.') ? 'apart' : undefined),
  };
  const facts = readCatalogue({
    models: [
      {
        id: 'm',
        provider: 'p',
        contextWindow: 1,
        maxOutput: 1,
        surchargesPerMille: { apart: 1100 },
        prices: [
          {
            id: 'm@1',
            validFrom: '2026-01-01',
            prices: { input: '1000', output: '2000' },
            contextTiers: [{ aboveInputTokens: 10, prices: { input: '3000' } }],
          },
        ],
      },
    ],
  });
  const surcharged = createPriceBook(facts.models, facts.prices, spelling);
  const found = surcharged.find('apart.m', at);
  assert.deepEqual(found?.prices, { input: 1100n, output: 2200n });
  assert.deepEqual(found?.contextTiers[0]?.prices, { input: 3300n });
  assert.equal(surcharged.find('m', at)?.prices.input, 1000n);
  assert.equal(surcharged.byId(found?.id ?? ''), found);
  assert.equal(surcharged.facts('apart.m')?.id, 'm');
  const own = { ...facts.prices[0]!, id: 'own@1', model: 'apart.m' };
  assert.equal(createPriceBook(facts.models, [...facts.prices, own], spelling).find('apart.m', at), own);
});
