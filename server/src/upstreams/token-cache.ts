import type { RelayError } from '../domain/errors.ts';

export interface AccessToken {
  readonly value: string;
  /** Epoch ms. */
  readonly expiresAt: number;
}

export interface TokenCachePorts {
  /** Epoch ms. */
  readonly now: () => number;
  /** Rejects with `RelayError`. */
  readonly fetchToken: () => Promise<AccessToken>;
}

/** One account's token: at hand while it lives, fetched anew before it ends. */
export interface TokenCache {
  /** A promise only while there is no token that lives. */
  current(): string | Promise<string>;
  /** The upstream refused this token: another will be given from now on. */
  renew(refused: string): void;
}

/** A token is not used within its last half minute: the request has to arrive with it. */
const usableMs = 30_000;
/** Renewal begins in the last tenth of a token's life, at most five minutes before its end. */
const earlyShare = 0.1;
const earliestMs = 300_000;
/** After a renewal ahead of time failed, the old token goes on and the next try waits. */
const retryMs = 15_000;

export function createTokenCache({ now, fetchToken }: TokenCachePorts): TokenCache {
  let held: AccessToken | undefined;
  let fetching: Promise<string> | undefined;
  let nextRenewalAt = 0;

  const fetchNow = (): Promise<string> => {
    fetching ??= fetchToken()
      .then((token) => {
        held = token;
        const lifeMs = token.expiresAt - now();
        nextRenewalAt = token.expiresAt - Math.max(usableMs, Math.min(lifeMs * earlyShare, earliestMs));
        return token.value;
      })
      .finally(() => {
        fetching = undefined;
      });
    return fetching;
  };

  return {
    current() {
      const time = now();
      if (held === undefined || held.expiresAt - time <= usableMs) return fetchNow();
      if (time >= nextRenewalAt) {
        nextRenewalAt = time + retryMs;
        // The token at hand still lives; whoever comes when it does not is told what is wrong.
        fetchNow().catch((_error: RelayError) => undefined);
      }
      return held.value;
    },
    renew(refused) {
      if (held?.value === refused) held = undefined;
    },
  };
}
