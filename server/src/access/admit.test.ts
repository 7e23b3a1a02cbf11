import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RelayError } from '../domain/errors.ts';
import { admit } from './admit.ts';
import { createLimiter } from './limiter.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { OrganizationId, RelayKeyId } from '../domain/ids.ts';
import type { Limiter } from './limiter.ts';
import type { KeyLimits, Principal } from './principal.ts';

const key = (limits: KeyLimits, rest: Partial<Principal> = {}): Principal => ({
  keyId: 'key_1' as RelayKeyId,
  organizationId: 'org_a' as OrganizationId,
  keyName: 'k',
  limits,
  isStrict: false,
  ...rest,
});

const at = (now: number, tokens = 1) => ({ tokens, model: 'm', now });

function refusal(work: () => unknown): { code: ErrorCode; retryAfterMs: number | undefined } {
  try {
    work();
  } catch (error) {
    if (error instanceof RelayError) return { code: error.code, retryAfterMs: error.details.retryAfterMs };
    throw error;
  }
  throw new Error('It was admitted.');
}

const isAdmitted = (limiter: Limiter, principal: Principal, now: number, tokens = 1): boolean => {
  try {
    admit(limiter, principal, at(now, tokens)).release();
    return true;
  } catch {
    return false;
  }
};

test('a key without limits is always admitted and costs no memory', () => {
  const limiter = createLimiter();
  for (let call = 0; call < 1_000; call += 1) admit(limiter, key({}), at(call));
  assert.equal(limiter.size, 0);
});

test('a model that is not on the list is refused, a trailing star matches any ending', () => {
  const limited = key({}, { allowedModels: ['gpt-4*', 'o3'] });
  const ask = (model: string) => admit(createLimiter(), limited, { tokens: 1, model, now: 0 });
  ask('gpt-4o');
  ask('o3');
  assert.equal(refusal(() => ask('o3-pro')).code, 'model_not_allowed');
  assert.equal(refusal(() => ask('gpt-3')).code, 'model_not_allowed');
});

test('requests over the limit are refused until the minute has passed, and the refusal says when', () => {
  const limiter = createLimiter();
  const principal = key({ requestsPerMinute: 3 });
  for (const now of [10_000, 20_000, 30_000]) admit(limiter, principal, at(now));
  const refused = refusal(() => admit(limiter, principal, at(40_000)));
  assert.equal(refused.code, 'request_rate_limited');
  const again = 40_000 + (refused.retryAfterMs ?? 0);
  assert.equal(isAdmitted(limiter, principal, again - 1), false);
  assert.equal(isAdmitted(limiter, principal, again), true);
});

test('a refused call uses nothing up', () => {
  const limiter = createLimiter();
  const principal = key({ requestsPerMinute: 100, tokensPerMinute: 50 });
  admit(limiter, principal, at(0, 50));
  for (let call = 0; call < 200; call += 1) assert.equal(isAdmitted(limiter, principal, 1_000), false);
  assert.equal(isAdmitted(limiter, principal, 61_000), true);
});

test('tokens are reserved by estimate and corrected to what was used', () => {
  const limiter = createLimiter();
  const principal = key({ tokensPerMinute: 1_000 });
  const permit = admit(limiter, principal, at(0, 900));
  assert.deepEqual(permit.limits?.tokens, { limit: 1_000, remaining: 100 });
  assert.equal(isAdmitted(limiter, principal, 1_000, 200), false);
  permit.settle(100, 2_000);
  permit.settle(0, 2_000);
  assert.equal(isAdmitted(limiter, principal, 3_000, 900), true);
  assert.equal(isAdmitted(limiter, principal, 3_000, 1), false);
});

test('a call that used more than its estimate counts in full', () => {
  const limiter = createLimiter();
  const principal = key({ tokensPerMinute: 1_000 });
  admit(limiter, principal, at(0, 100)).settle(1_500, 5_000);
  assert.equal(isAdmitted(limiter, principal, 59_000, 1), false);
  assert.equal(isAdmitted(limiter, principal, 61_000, 1_000), true);
});

test('a correction after the minute changes nothing any more', () => {
  const limiter = createLimiter();
  const principal = key({ tokensPerMinute: 1_000 });
  const permit = admit(limiter, principal, at(0, 1_000));
  permit.settle(1, 120_000);
  assert.equal(isAdmitted(limiter, principal, 120_000, 1_000), true);
  assert.equal(isAdmitted(limiter, principal, 120_000, 1), false);
});

test('a request larger than the whole limit is refused without a time to come back', () => {
  const refused = refusal(() => admit(createLimiter(), key({ tokensPerMinute: 10 }), at(0, 11)));
  assert.deepEqual(refused, { code: 'token_rate_limited', retryAfterMs: undefined });
});

test('concurrency counts permits that are out, and a permit goes back once', () => {
  const limiter = createLimiter();
  const principal = key({ concurrency: 2 });
  const first = admit(limiter, principal, at(0));
  admit(limiter, principal, at(0));
  assert.equal(refusal(() => admit(limiter, principal, at(0))).code, 'concurrency_limited');
  first.release();
  first.release();
  admit(limiter, principal, at(0));
  assert.equal(refusal(() => admit(limiter, principal, at(0))).code, 'concurrency_limited');
});

test('idle keys are forgotten, keys with a call in flight are not', () => {
  const limiter = createLimiter();
  for (let id = 0; id < 5_000; id += 1) {
    const permit = admit(limiter, key({ requestsPerMinute: 5 }, { keyId: `key_${id}` as RelayKeyId }), at(0));
    if (id > 0) permit.release();
  }
  admit(limiter, key({ requestsPerMinute: 5 }, { keyId: 'key_new' as RelayKeyId }), at(120_000));
  assert.equal(limiter.size, 2);
});

test('a clock that steps back neither frees nor blocks anything', () => {
  const limiter = createLimiter();
  const principal = key({ requestsPerMinute: 2 });
  admit(limiter, principal, at(100_000));
  admit(limiter, principal, at(40_000));
  assert.equal(isAdmitted(limiter, principal, 40_000), false);
  assert.equal(isAdmitted(limiter, principal, 161_000), true);
});

test('in any interleaving no 60 seconds hold more than the limits, and no permit is counted twice', () => {
  const step = fc.record({
    waitMs: fc.oneof(fc.nat(50), fc.nat(20_000)),
    tokens: fc.integer({ min: 1, max: 400 }),
    action: fc.constantFrom('admit', 'admit', 'admit', 'release', 'settle'),
    pick: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 50, maxLength: 300 }), (steps) => {
      const limits = { requestsPerMinute: 7, tokensPerMinute: 1_000, concurrency: 4 };
      const limiter = createLimiter();
      const admitted: { at: number; tokens: number }[] = [];
      const out: { permit: ReturnType<typeof admit>; call: { at: number; tokens: number } }[] = [];
      let now = 1_000_000;
      for (const { waitMs, tokens, action, pick } of steps) {
        now += waitMs;
        const one = out[pick % Math.max(1, out.length)];
        if (action === 'admit') {
          try {
            const call = { at: now, tokens };
            out.push({ permit: admit(limiter, key(limits), at(now, tokens)), call });
            admitted.push(call);
          } catch (error) {
            assert.ok(error instanceof RelayError);
          }
        } else if (one !== undefined) {
          // Uses at most its estimate, so the limit must hold for what was really used too.
          if (action === 'settle') one.permit.settle((one.call.tokens = tokens % (one.call.tokens + 1)), now);
          one.permit.release();
          out.splice(out.indexOf(one), 1);
        }
        const recent = admitted.filter((call) => call.at > now - 60_000);
        assert.ok(recent.length <= limits.requestsPerMinute);
        assert.ok(recent.reduce((sum, call) => sum + call.tokens, 0) <= limits.tokensPerMinute);
        assert.ok(out.length <= limits.concurrency);
      }
    }),
    { numRuns: 200 },
  );
});

test('the wait a refusal names is enough', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5_000), { minLength: 20, maxLength: 60 }), (waits) => {
      const limiter = createLimiter();
      const principal = key({ requestsPerMinute: 5 });
      let now = 50_000;
      for (const waitMs of waits) {
        now += waitMs;
        if (isAdmitted(limiter, principal, now)) continue;
        now += refusal(() => admit(limiter, principal, at(now))).retryAfterMs ?? 0;
        assert.equal(isAdmitted(limiter, principal, now), true);
      }
    }),
    { numRuns: 200 },
  );
});
