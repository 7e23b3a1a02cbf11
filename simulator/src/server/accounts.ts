import { hashOf } from '../engine/seeded-random.ts';
import type { TokenBook } from '../identity/token-book.ts';
import type { WireRefusal } from '../engine/simulated-call.ts';
import type { FaultPlan } from '../faults/index.ts';
import type { Credentials, Provider } from '../providers/provider.ts';
import { createAccountLimits } from './limits.ts';
import type { AccountLimits, LimitSettings } from './limits.ts';

/** An account the simulator knows by name. Keys that are not listed work too, when they are well formed. */
export interface SimulatedAccount {
  readonly key: string;
  readonly label?: string;
  readonly limits?: LimitSettings;
  readonly faults?: FaultPlan;
  /** Models this account may use; all when left out. */
  readonly models?: readonly string[];
}

export interface KnownAccount {
  readonly key: string;
  readonly label: string;
  readonly models: readonly string[] | undefined;
  readonly limits: AccountLimits;
}

export interface Accounts {
  identify(provider: Provider, credentials: Credentials, requestId: string): KnownAccount | WireRefusal;
  reset(): void;
}

const INVALID_MARK = 'invalid';

export function createAccounts(
  listed: readonly SimulatedAccount[],
  now: () => number,
  tokens: TokenBook,
): Accounts {
  const known = new Map<string, KnownAccount>();
  const settings = new Map(listed.map((account) => [account.key, account]));

  const open = (key: string): KnownAccount => {
    const setting = settings.get(key);
    const account = {
      key,
      label: setting?.label ?? `key-${hashOf(key).slice(0, 8)}`,
      models: setting?.models,
      limits: createAccountLimits(setting?.limits ?? {}, now),
    };
    known.set(key, account);
    return account;
  };

  return {
    identify(provider, credentials, requestId) {
      const key = provider.findKey(credentials);
      if (key === undefined) return provider.keyRefusal(undefined, requestId);
      const wanted = provider.tokenAudiences;
      const verdict = wanted === undefined ? undefined : tokens.judge(key, wanted);
      // However many tokens it fetches, an account stays the same one.
      const owner = verdict === 'good' ? tokens.find(key)?.label : undefined;
      if (owner !== undefined) return known.get(owner) ?? open(owner);
      const isAccepted = settings.has(key) || (provider.isWellFormedKey(key) && !key.includes(INVALID_MARK));
      if (!isAccepted) return provider.keyRefusal(key, requestId, verdict);
      return known.get(key) ?? open(key);
    },
    reset: () => known.clear(),
  };
}
