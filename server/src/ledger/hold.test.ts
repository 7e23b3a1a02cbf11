import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RelayError } from '../domain/errors.ts';
import { toNanoUsd } from '../domain/money.ts';
import { hold } from './hold.ts';
import { createWallets } from './wallets.ts';
import type { CallId, OrganizationId } from '../domain/ids.ts';
import type { Hold } from './hold.ts';
import type { Wallets } from './wallets.ts';

const organizationId = 'org_a' as OrganizationId;
const principal = { organizationId };
const money = (value: number | bigint) => toNanoUsd(BigInt(value));
const walletsWith = (balance: number, creditLine = 0, mode: 'prepaid' | 'unmetered' = 'prepaid'): Wallets =>
  createWallets([{ organizationId, balance: money(balance), creditLine: money(creditLine), mode }]);
const open = (wallets: Wallets, estimate: number, callId = 'qzc_1'): Hold =>
  hold(wallets, { principal, estimate: money(estimate), callId: callId as CallId });
const isRefused = (error: unknown): boolean =>
  error instanceof RelayError && error.code === 'insufficient_balance';

test('a hold reserves its estimate and a release gives it back', () => {
  const wallets = walletsWith(100);
  const first = open(wallets, 60);
  assert.equal(wallets.available(organizationId), 40n);
  assert.throws(() => open(wallets, 41), isRefused);
  assert.equal(first.release(), true);
  assert.equal(wallets.available(organizationId), 100n);
});

test('the refusal says what was needed and what is left', () => {
  assert.throws(
    () => open(walletsWith(1_500_000), 2_000_000_000),
    /up to 2 USD and the wallet has 0.0015 USD left/,
  );
});

test('the credit line counts as money', () => {
  const wallets = walletsWith(0, 50);
  open(wallets, 50);
  assert.throws(() => open(wallets, 1), isRefused);
});

test('an extension is refused where the wallet ends, and the hold stays as it was', () => {
  const wallets = walletsWith(100);
  const held = open(wallets, 80);
  assert.equal(held.extend(money(20)), true);
  assert.equal(held.extend(money(1)), false);
  assert.equal(held.amount, 100n);
});

test('a settlement stays reserved until it is durable, then leaves the balance', () => {
  const wallets = walletsWith(100);
  const held = open(wallets, 80);
  assert.equal(held.settleAt(money(30)), 30n);
  assert.equal(held.state, 'settling');
  assert.equal(wallets.available(organizationId), 70n);
  held.confirm();
  assert.equal(held.state, 'settled');
  assert.equal(wallets.available(organizationId), 70n);
  assert.equal(wallets.held(organizationId), 0n);
});

test('a charge above the hold takes what the wallet still has and no more', () => {
  const wallets = walletsWith(100);
  open(wallets, 50, 'qzc_other');
  const held = open(wallets, 20);
  assert.equal(held.settleAt(money(90)), 50n);
  held.confirm();
  assert.equal(wallets.available(organizationId), 0n);
});

test('a hold ends once: releasing after settling does nothing, settling after releasing is a fault', () => {
  const wallets = walletsWith(100);
  const settled = open(wallets, 40);
  settled.settleAt(money(40));
  assert.equal(settled.release(), false);
  settled.confirm();
  assert.equal(settled.release(), false);
  assert.throws(() => settled.confirm(), /settled, not settling/);
  const released = open(wallets, 40);
  assert.equal(released.release(), true);
  assert.equal(released.release(), false);
  assert.equal(released.extend(money(1)), false);
  assert.throws(() => released.settleAt(money(1)), /released, not open/);
  assert.equal(wallets.available(organizationId), 60n);
});

test('an unmetered wallet never refuses and still counts', () => {
  const wallets = walletsWith(0, 0, 'unmetered');
  const held = open(wallets, 1_000);
  assert.equal(wallets.available(organizationId), undefined);
  assert.equal(held.extend(money(5_000)), true);
  assert.equal(held.settleAt(money(9_000)), 9_000n);
});

test('a reload between sending and acknowledging a settlement counts it once', () => {
  const wallets = walletsWith(100);
  const sync = (balance: number) =>
    wallets.sync([{ organizationId, balance: money(balance), creditLine: money(0), mode: 'prepaid' }]);
  const held = open(wallets, 50);
  held.settleAt(money(30));
  sync(100);
  assert.equal(wallets.available(organizationId), 70n);
  held.confirm();
  sync(70);
  assert.equal(wallets.available(organizationId), 70n);
});

/** A small, fast generator with a seed (mulberry32), so that a failing history can be run again. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Modelled {
  readonly held: Hold;
  amount: bigint;
  state: 'open' | 'settling';
}

/** One history against a model that adds up everything anew after each step. */
function runHistory(seed: number, steps: number): void {
  const random = seeded(seed);
  const pick = (below: number): number => Math.floor(random() * below);
  const creditLine = pick(3) === 0 ? 500 : 0;
  const wallets = walletsWith(10_000, creditLine);
  let balance = 10_000n;
  let spent = 0n;
  let toppedUp = 10_000n;
  const sync = (): void =>
    wallets.sync([
      { organizationId, balance: money(balance), creditLine: money(creditLine), mode: 'prepaid' },
    ]);
  const live: Modelled[] = [];
  const room = () => live.reduce((left, { amount }) => left - amount, balance + BigInt(creditLine));

  const openOne = (): void => {
    const amount = BigInt(pick(900));
    const fits = room() >= amount;
    try {
      live.push({ held: open(wallets, Number(amount)), amount, state: 'open' });
      assert.ok(fits, `seed ${seed}: a hold passed the wallet`);
    } catch (error) {
      if (!isRefused(error)) throw error;
      assert.ok(!fits, `seed ${seed}: a hold that fits was refused`);
    }
  };
  const changeOne = (call: Modelled, action: number): void => {
    const amount = BigInt(pick(600));
    if (call.state === 'settling') {
      call.held.confirm();
      balance -= call.amount;
      spent += call.amount;
      live.splice(live.indexOf(call), 1);
    } else if (action === 0) {
      const fits = room() >= amount;
      assert.equal(call.held.extend(money(amount)), fits);
      if (fits) call.amount += amount;
    } else if (action === 1) {
      call.held.release();
      live.splice(live.indexOf(call), 1);
    } else {
      const free = room();
      const most = call.amount + (free > 0n ? free : 0n);
      call.amount = amount < most ? amount : most;
      assert.equal(call.held.settleAt(money(amount)), call.amount);
      call.state = 'settling';
    }
  };

  for (let step = 0; step < steps; step += 1) {
    const call = live[pick(live.length + 3)];
    if (call === undefined) openOne();
    else changeOne(call, pick(3));
    if (step % 97 === 0) sync();
    assert.equal(wallets.available(organizationId), room(), `seed ${seed} step ${step}`);
    assert.ok(room() >= 0n, `seed ${seed} step ${step}: overdrawn`);
    if (balance < 2_000n && live.length === 0) {
      toppedUp += 10_000n;
      balance += 10_000n;
      sync();
    }
  }
  assert.equal(balance, toppedUp - spent);
}

test('120,000 steps of random histories agree with a naive model and never overdraw', () => {
  for (let seed = 1; seed <= 60; seed += 1) runHistory(seed, 2_000);
});
