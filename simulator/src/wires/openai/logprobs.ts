import type { Json } from '../../engine/simulated-call.ts';

/** Log-probabilities that follow from the token itself, with alternatives less likely step by step. */
export function logprobsOf(tokens: readonly string[], alternatives: number): readonly Json[] {
  return tokens.map((token) => {
    const logprob = -((token.length % 7) + 1) / 100;
    return {
      ...entry(token, logprob),
      top_logprobs: Array.from({ length: alternatives }, (_, rank) =>
        rank === 0 ? entry(token, logprob) : entry(`${token}${rank}`, logprob - rank),
      ),
    };
  });
}

function entry(token: string, logprob: number): { readonly [key: string]: Json } {
  return { token, logprob, bytes: [...Buffer.from(token)] };
}
