import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPriceVersion } from '../domain/catalogue-json.ts';
import { RelayError } from '../domain/errors.ts';
import { formatUsd, toNanoUsd } from '../domain/money.ts';
import { noUsage } from '../domain/usage.ts';
import { chargeCall } from './call-charge.ts';
import { hold } from './hold.ts';
import { createPriceBook } from './price-book.ts';
import { createSettler, retryKept, settle } from './settle.ts';
import { createSettlementPolicy } from './settlement-policy.ts';
import { createWallets } from './wallets.ts';
import type { CallId, OrganizationId, RelayKeyId, UpstreamAccountId } from '../domain/ids.ts';
import type { Usage } from '../domain/usage.ts';
import type { CallResult } from './call-charge.ts';
import type { CallOutcome, CallRecord } from './call-record.ts';
import type { Hold } from './hold.ts';
import type { SettlementTrouble, SettlerDeps } from './settle.ts';

const organizationId = 'org_a' as OrganizationId;
const price = (model: string, input: string, output: string) =>
  readPriceVersion({ id: `${model}@1`, model, validFrom: 0, prices: { input, output } });
const prices = createPriceBook(
  [],
  [price('small', '1000000000', '2000000000'), price('big', '10000000000', '20000000000')],
);
const policy = createSettlementPolicy({ upstreamFault: 'charge' });
const usage: Usage = { ...noUsage, input: 1_000, output: 500 };
/** 1,000 at 1 and 500 at 2 dollars a million. */
const smallCharge = '0.002';

const attempt = (
  upstreamModel: string,
  result: string,
  reported?: Usage,
): CallResult['attempts'][number] => ({
  accountId: 'acc_1' as UpstreamAccountId,
  upstreamModel,
  startedAt: 1_000,
  durationMs: 5,
  result,
  ...(reported === undefined ? {} : { usage: reported }),
});

const ended = (outcome: CallOutcome, rest: Partial<CallResult> = {}): CallResult => ({
  callId: 'qzc_1' as CallId,
  organizationId,
  keyId: 'key_1' as RelayKeyId,
  startedAt: 1_000,
  durationMs: 10,
  protocol: 'p',
  operation: 'generate',
  offeredModel: 'small',
  isStream: true,
  outcome,
  status: 200,
  attempts: [attempt('small', 'delivered', usage)],
  usage,
  usageSource: 'reported',
  flags: [],
  ...rest,
});

interface PolicyRow {
  readonly name: string;
  readonly result: CallResult;
  readonly charge: string;
  readonly cost: string;
  readonly flags: readonly string[];
}

const failedAttempt = attempt('big', 'upstream_overloaded');
const billedFailure = attempt('big', 'upstream_empty', { ...noUsage, input: 1_000 });
const policyRows: readonly PolicyRow[] = [
  { name: 'success', result: ended('success'), charge: smallCharge, cost: smallCharge, flags: [] },
  {
    name: 'refused before any upstream call',
    result: ended('refused', { attempts: [], usage: noUsage, usageSource: 'none', status: 429 }),
    charge: '0',
    cost: '0',
    flags: [],
  },
  {
    name: 'failed before the commit point without reported usage',
    result: ended('failed', { attempts: [failedAttempt], usage: noUsage, usageSource: 'none' }),
    charge: '0',
    cost: '0',
    flags: [],
  },
  {
    name: 'failed before the commit point with usage the upstream reported',
    result: ended('failed', { attempts: [billedFailure], usage: { ...noUsage, input: 1_000 } }),
    charge: '0',
    cost: '0.01',
    flags: [],
  },
  {
    name: 'an attempt failed and a later one succeeded',
    result: ended('success', { attempts: [billedFailure, attempt('small', 'delivered', usage)] }),
    charge: smallCharge,
    cost: '0.012',
    flags: [],
  },
  {
    name: 'upstream fault after the commit point, usage reported',
    result: ended('upstream-fault', { attempts: [attempt('small', 'upstream_connection', usage)] }),
    charge: smallCharge,
    cost: smallCharge,
    flags: ['upstream-fault'],
  },
  {
    name: 'upstream fault after the commit point, usage estimated',
    result: ended('upstream-fault', {
      attempts: [attempt('small', 'upstream_connection')],
      usageSource: 'estimated',
    }),
    charge: smallCharge,
    cost: smallCharge,
    flags: ['estimated', 'upstream-fault'],
  },
  {
    name: 'the client left before the upstream answered',
    result: ended('abandoned', { attempts: [attempt('small', 'client_gone')], usageSource: 'estimated' }),
    charge: '0',
    cost: '0',
    flags: ['estimated', 'abandoned'],
  },
  {
    name: 'the client left after the commit point',
    result: ended('disconnected', { usageSource: 'estimated' }),
    charge: smallCharge,
    cost: smallCharge,
    flags: ['estimated', 'disconnected'],
  },
  {
    name: 'stopped because the hold could not be extended',
    result: ended('hold-exhausted', { usageSource: 'estimated' }),
    charge: smallCharge,
    cost: smallCharge,
    flags: ['estimated', 'hold-exhausted'],
  },
  {
    name: 'the relay died',
    result: ended('relay-died', { attempts: [], usage: noUsage, usageSource: 'none' }),
    charge: '0',
    cost: '0',
    flags: ['usage-unknown'],
  },
];

for (const row of policyRows) {
  test(`who pays: ${row.name}`, () => {
    const record = chargeCall(prices, policy, row.result);
    assert.deepEqual(
      [formatUsd(record.charge), formatUsd(record.cost), record.flags],
      [row.charge, row.cost, row.flags],
    );
    const attempts = record.attempts.reduce((sum, { cost }) => sum + cost, 0n);
    assert.equal(attempts, record.cost, 'the cost is the sum of the attempts');
  });
}

test('who pays: an upstream fault is free where the operator chose so, and stays a cost', () => {
  const free = createSettlementPolicy({ upstreamFault: 'free' });
  const record = chargeCall(prices, free, ended('upstream-fault'));
  assert.deepEqual([formatUsd(record.charge), formatUsd(record.cost)], ['0', smallCharge]);
});

test('a call is priced by its start, whatever holds when it ends', () => {
  const dated = createPriceBook(
    [],
    [
      price('small', '1000000000', '2000000000'),
      { ...price('small', '9000000000', '9000000000'), id: 'small@2', validFrom: 1_005 },
    ],
  );
  const record = chargeCall(dated, policy, ended('success'));
  assert.deepEqual([formatUsd(record.charge), record.priceVersionId], [smallCharge, 'small@1']);
});

test('a model without a price is recorded at no charge', () => {
  const record = chargeCall(
    prices,
    policy,
    ended('success', { offeredModel: 'own', attempts: [attempt('own', 'delivered', usage)] }),
  );
  assert.deepEqual([record.charge, record.cost, record.priceVersionId], [0n, 0n, undefined]);
});

const funded = (balance: bigint) =>
  createWallets([
    { organizationId, balance: toNanoUsd(balance), creditLine: toNanoUsd(0n), mode: 'prepaid' },
  ]);

/** A book that keeps records in memory and can be told to fail; the port's contract, not a mock of the SQLite store. */
function createBook() {
  const records: CallRecord[] = [];
  const state = { isBroken: false };
  return {
    records,
    state,
    settle: (record: CallRecord): Promise<void> => {
      if (state.isBroken) return Promise.reject(new RelayError('internal'));
      records.push(record);
      return Promise.resolve();
    },
  };
}

function setUp(balance: bigint, rest: Partial<SettlerDeps> = {}) {
  const wallets = funded(balance);
  const book = createBook();
  const troubles: SettlementTrouble[] = [];
  const settler = createSettler({
    store: book,
    prices,
    policy,
    onTrouble: (trouble) => troubles.push(trouble),
    retryEveryMs: 3_600_000,
    ...rest,
  });
  const open = (estimate: bigint, callId = 'qzc_1'): Hold =>
    hold(wallets, { principal: { organizationId }, estimate: toNanoUsd(estimate), callId: callId as CallId });
  return { wallets, book, troubles, settler, open };
}

test('settling books the charge and frees the rest of the hold', async () => {
  const { wallets, book, settler, open } = setUp(10_000_000n);
  const held = open(5_000_000n);
  const record = await settle(settler, held, ended('success'));
  assert.deepEqual(book.records, [record]);
  assert.equal(held.state, 'settled');
  assert.equal(wallets.available(organizationId), 8_000_000n);
});

test('settling twice books once and gives the same record', async () => {
  const { book, settler, open } = setUp(10_000_000n);
  const held = open(5_000_000n);
  const [first, second] = await Promise.all([
    settle(settler, held, ended('success')),
    settle(settler, held, ended('failed')),
  ]);
  assert.equal(first, second);
  assert.equal(book.records.length, 1);
});

test('a refused call without a hold is recorded all the same', async () => {
  const { book, settler } = setUp(0n);
  await settle(settler, undefined, ended('refused', { attempts: [], usage: noUsage, usageSource: 'none' }));
  assert.equal(book.records[0]?.outcome, 'refused');
});

test('what the wallet cannot cover is not charged, and the call says so', async () => {
  const { wallets, settler, open } = setUp(1_500_000n);
  const record = await settle(settler, open(1_000_000n), ended('success'));
  assert.equal(record.charge, 1_500_000n);
  assert.equal(formatUsd(record.cost), smallCharge);
  assert.ok(record.flags.includes('charge-capped'));
  assert.equal(wallets.available(organizationId), 0n);
});

test('a store that fails costs the client nothing: the record is kept, stays reserved and gets through later', async () => {
  const { wallets, book, troubles, settler, open } = setUp(10_000_000n);
  book.state.isBroken = true;
  const held = open(5_000_000n);
  const record = await settle(settler, held, ended('success'));
  assert.equal(formatUsd(record.charge), smallCharge);
  assert.equal(held.state, 'settling');
  assert.equal(wallets.available(organizationId), 8_000_000n);
  assert.equal(await retryKept(settler), 1);
  book.state.isBroken = false;
  assert.equal(await retryKept(settler), 0);
  assert.equal(book.records.length, 1);
  assert.equal(held.state, 'settled');
  assert.equal(wallets.available(organizationId), 8_000_000n);
  assert.deepEqual(
    troubles.map(({ kind, waiting }) => [kind, waiting]),
    [
      ['delayed', 1],
      ['written', 0],
    ],
  );
});

test('when there is no room to keep a record, its loss is told and its charge stays reserved', async () => {
  const { wallets, book, troubles, settler, open } = setUp(10_000_000n, { keepAtMost: 1 });
  book.state.isBroken = true;
  await settle(settler, open(3_000_000n, 'qzc_1'), ended('success'));
  await settle(settler, open(3_000_000n, 'qzc_2'), ended('success', { callId: 'qzc_2' as CallId }));
  assert.deepEqual(
    troubles.map(({ callId, kind }) => [callId, kind]),
    [
      ['qzc_1', 'delayed'],
      ['qzc_2', 'lost'],
    ],
  );
  assert.equal(wallets.available(organizationId), 6_000_000n);
});
