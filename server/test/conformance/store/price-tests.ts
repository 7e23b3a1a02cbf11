import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPriceVersion } from '../../../src/domain/catalogue-json.ts';
import type { UseStore } from './use-store.ts';

export function runPriceTests(use: UseStore): void {
  const version = (id: string, model: string, validFrom: number) =>
    readPriceVersion({
      id,
      model,
      validFrom,
      prices: { input: '3000000000', output: '15000000000' },
      contextTiers: [{ aboveInputTokens: 10, prices: { input: '6' } }],
      serviceTierPerMille: { flex: 500 },
      webSearch: '10',
    });

  test('store: prices are appended once and come back whole', () =>
    use(async (store) => {
      const file = [version('a@1', 'a', 0), version('a@2', 'a', 9_000), version('b@1', 'b', 0)];
      assert.equal(await store.appendPrices(file, 'catalogue', 100), 3);
      assert.equal(await store.appendPrices(file, 'catalogue', 200), 0);
      assert.deepEqual(await store.loadPrices(), file);
    }));

  test('store: a newer catalogue price counts from now on, never for the past', () =>
    use(async (store) => {
      await store.appendPrices([version('a@1', 'a', 0)], 'catalogue', 100);
      const corrected = [version('a@2', 'a', 0), version('a@3', 'a', 9_000), version('c@1', 'c', 0)];
      assert.equal(await store.appendPrices(corrected, 'catalogue', 500), 3);
      const dates = (await store.loadPrices()).map(({ id, validFrom }) => [id, validFrom]);
      assert.deepEqual(dates, [
        ['a@1', 0],
        ['a@2', 500],
        ['a@3', 9_000],
        ['c@1', 0],
      ]);
    }));

  test("store: the operator's own price is left alone by the catalogue", () =>
    use(async (store) => {
      await store.appendPrices([version('own', 'a', 50)], 'operator', 100);
      assert.equal(
        await store.appendPrices([version('a@1', 'a', 0), version('b@1', 'b', 0)], 'catalogue', 200),
        1,
      );
      assert.deepEqual(
        (await store.loadPrices()).map(({ id }) => id),
        ['own', 'b@1'],
      );
    }));
}
