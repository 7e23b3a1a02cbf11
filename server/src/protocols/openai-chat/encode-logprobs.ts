import type { TokenLogprob } from '../canonical/events.ts';
import type { JsonObject } from '../canonical/request.ts';

/** Token probabilities as a choice tells them; `null` where there are none. */
export function encodeLogprobs(tokens: readonly TokenLogprob[]): JsonObject | null {
  if (tokens.length === 0) return null;
  const content = tokens.map(({ top, ...token }) => ({ ...entry(token), top_logprobs: top.map(entry) }));
  return { content, refusal: null };
}

function entry({ token, logprob, bytes }: Omit<TokenLogprob, 'top'>): JsonObject {
  return { token, logprob, bytes: bytes ?? [...Buffer.from(token)] };
}
