import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildOpenapi, callListQuery, callResponse, usageQuery, usageResponse } from './index.ts';

test('the committed openapi.json is the one the schemas give (npm run docs writes it)', () => {
  const committed = readFileSync(join(import.meta.dirname, '..', 'openapi.json'), 'utf8');
  assert.equal(committed, `${JSON.stringify(buildOpenapi(), undefined, 2)}\n`);
});

test('every path parameter in an address is declared', () => {
  const paths = buildOpenapi()['paths'] as Readonly<
    Record<string, Record<string, { parameters: { in: string; name: string }[] }>>
  >;
  for (const [path, operations] of Object.entries(paths)) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    for (const operation of Object.values(operations)) {
      const declared = operation.parameters.filter((one) => one.in === 'path').map((one) => one.name);
      assert.deepEqual(declared, named, path);
    }
  }
});

test('queries have defaults and refuse what they do not mean', () => {
  assert.deepEqual(usageQuery.parse({}), { group_by: 'model' });
  assert.deepEqual(callListQuery.parse({ limit: '5' }), { limit: 5 });
  assert.equal(usageQuery.safeParse({ group_by: 'colour' }).success, false);
  assert.equal(usageQuery.safeParse({ from: 'yesterday' }).success, false);
  assert.equal(callListQuery.safeParse({ limit: '0' }).success, false);
});

const sums = {
  calls: 1,
  prompt_tokens: 10,
  cache_read_tokens: 0,
  output_tokens: 5,
  charge_usd: '0.000105',
  charge_nano_usd: '105000',
};

test('money that a JSON number could have rounded is refused', () => {
  const answer = {
    object: 'usage',
    from: '2026-11-01T00:00:00.000Z',
    to: '2026-11-02T00:00:00.000Z',
    group_by: 'none',
    data: [{ group: 'all', ...sums }],
    total: sums,
  };
  assert.equal(usageResponse.safeParse(answer).success, true);
  assert.equal(
    usageResponse.safeParse({ ...answer, total: { ...sums, charge_usd: 0.000105 } }).success,
    false,
  );
  assert.equal(usageResponse.safeParse({ ...answer, total: { ...sums, charge_usd: '1e-9' } }).success, false);
});

test('the answer for a call has no field for its content or for the account that served it', () => {
  const names = Object.keys(callResponse.shape);
  for (const forbidden of ['prompt', 'messages', 'content', 'output', 'account', 'account_id', 'cost_usd']) {
    assert.ok(!names.includes(forbidden), forbidden);
  }
});
