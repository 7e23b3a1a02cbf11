import { hashOf } from '../engine/seeded-random.ts';

/** Who takes a token. */
export const audiences = {
  google: 'https://www.googleapis.com/auth/cloud-platform',
  googleSts: 'google-sts',
  azure: 'https://cognitiveservices.azure.com',
  foundry: 'https://ai.azure.com',
} as const;

export interface IssuedToken {
  readonly token: string;
  /** Who it was given to; one account however many tokens it fetches. */
  readonly label: string;
  readonly audience: string;
  readonly expiresAtMs: number;
}

export type TokenVerdict = 'good' | 'expired' | 'unknown' | 'other-audience';

export interface TokenBook {
  readonly lifetimeS: number;
  issue(wish: { readonly prefix: string; readonly label: string; readonly audience: string }): IssuedToken;
  find(token: string): IssuedToken | undefined;
  judge(token: string, audiences: readonly string[]): TokenVerdict;
  /** Tokens from here on; how often clients asked. */
  issued(): number;
  /** Every token given so far is refused from now on, whatever its life. */
  revokeAll(): void;
  setLifetime(seconds: number): void;
}

export function createTokenBook(options: { now: () => number; tokenLifetimeS: number }): TokenBook {
  const tokens = new Map<string, IssuedToken>();
  let lifetimeS = options.tokenLifetimeS;
  let count = 0;
  return {
    get lifetimeS() {
      return lifetimeS;
    },
    issue({ prefix, label, audience }) {
      count += 1;
      const token = `${prefix}${hashOf('token', label, audience, String(count))}`;
      const issued = { token, label, audience, expiresAtMs: options.now() + lifetimeS * 1000 };
      tokens.set(token, issued);
      return issued;
    },
    find: (token) => tokens.get(token),
    judge(token, wanted) {
      const issued = tokens.get(token);
      if (issued === undefined) return 'unknown';
      if (issued.expiresAtMs <= options.now()) return 'expired';
      return wanted.includes(issued.audience) ? 'good' : 'other-audience';
    },
    issued: () => count,
    revokeAll: () => tokens.clear(),
    setLifetime(seconds) {
      lifetimeS = seconds;
    },
  };
}
