import type { AccountEffect } from '../domain/errors.ts';
import type { UpstreamAccountId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';

const backoffFirstMs = 1_000;
const backoffMaxMs = 60_000;
const quotaCooldownMs = 15 * 60_000;
const modelOffMs = 60 * 60_000;
const rateLimitDefaultMs = 5_000;
const faultsBeforeCooldown = 3;

interface AccountState {
  coolUntil: EpochMs;
  /** Consecutive failures to connect; doubles the next cooldown. */
  connectFailures: number;
  /** Consecutive faults that count against health. */
  faults: number;
  inFlight: number;
  readonly modelsOffUntil: Map<string, EpochMs>;
}

/** What happened to an account, and until when it stays out of its pool. */
export interface CooldownNotice {
  readonly accountId: UpstreamAccountId;
  readonly effect: AccountEffect;
  readonly untilMs: EpochMs;
}

/** In-memory health of upstream accounts: timed absences and calls in flight. Survives configuration changes. */
export interface AccountHealth {
  /** When the account may take this model again; `0` is now, `Infinity` is when the operator has mended it. */
  availableAt(accountId: UpstreamAccountId, model: string): EpochMs;
  /** True while the account is known not to have this model. */
  isModelOff(accountId: UpstreamAccountId, model: string, now: EpochMs): boolean;
  inFlight(accountId: UpstreamAccountId): number;
  begin(accountId: UpstreamAccountId): void;
  finish(accountId: UpstreamAccountId): void;
  succeeded(accountId: UpstreamAccountId): void;
  failed(failure: {
    accountId: UpstreamAccountId;
    model: string;
    effect: AccountEffect;
    retryAfterMs?: number | undefined;
    now: EpochMs;
  }): CooldownNotice | undefined;
  /** Forgets everything about an account: the operator changed it. */
  reset(accountId: UpstreamAccountId): void;
}

export function createAccountHealth(): AccountHealth {
  const states = new Map<UpstreamAccountId, AccountState>();

  function stateOf(id: UpstreamAccountId): AccountState {
    let state = states.get(id);
    if (state === undefined) {
      state = { coolUntil: 0, connectFailures: 0, faults: 0, inFlight: 0, modelsOffUntil: new Map() };
      states.set(id, state);
    }
    return state;
  }

  return {
    availableAt(id, model) {
      const state = states.get(id);
      if (state === undefined) return 0;
      return Math.max(state.coolUntil, state.modelsOffUntil.get(model) ?? 0);
    },
    isModelOff: (id, model, now) => (states.get(id)?.modelsOffUntil.get(model) ?? 0) > now,
    inFlight: (id) => states.get(id)?.inFlight ?? 0,
    begin(id) {
      stateOf(id).inFlight += 1;
    },
    finish(id) {
      stateOf(id).inFlight -= 1;
    },
    succeeded(id) {
      const state = stateOf(id);
      state.connectFailures = 0;
      state.faults = 0;
    },
    failed({ accountId, model, effect, retryAfterMs, now }) {
      const untilMs = applyEffect(stateOf(accountId), model, { effect, retryAfterMs, now });
      return untilMs === undefined ? undefined : { accountId, effect, untilMs };
    },
    reset(id) {
      const state = states.get(id);
      if (state === undefined) return;
      states.set(id, {
        coolUntil: 0,
        connectFailures: 0,
        faults: 0,
        inFlight: state.inFlight,
        modelsOffUntil: new Map(),
      });
    },
  };
}

/** Writes the absence that the failure table asks for. Returns its end, or `undefined` when the account stays in. */
function applyEffect(
  state: AccountState,
  model: string,
  failure: { effect: AccountEffect; retryAfterMs: number | undefined; now: EpochMs },
): EpochMs | undefined {
  const { effect, retryAfterMs, now } = failure;
  switch (effect) {
    case 'none':
      return undefined;
    case 'backoff': {
      const lengthMs = Math.min(backoffFirstMs * 2 ** state.connectFailures, backoffMaxMs);
      state.connectFailures += 1;
      return cool(state, now + lengthMs);
    }
    case 'out-until-mended':
      return cool(state, Number.POSITIVE_INFINITY);
    case 'cooldown-named':
      return cool(state, now + (retryAfterMs ?? rateLimitDefaultMs));
    case 'cooldown-15m':
      return cool(state, now + (retryAfterMs ?? quotaCooldownMs));
    case 'model-off-1h': {
      state.modelsOffUntil.set(model, now + modelOffMs);
      return now + modelOffMs;
    }
    case 'counts-against-health': {
      state.faults += 1;
      if (state.faults < faultsBeforeCooldown) return undefined;
      const lengthMs = Math.min(backoffFirstMs * 2 ** (state.faults - faultsBeforeCooldown), backoffMaxMs);
      return cool(state, now + lengthMs);
    }
    default:
      return effect satisfies never;
  }
}

function cool(state: AccountState, until: EpochMs): EpochMs {
  state.coolUntil = Math.max(state.coolUntil, until);
  return state.coolUntil;
}
