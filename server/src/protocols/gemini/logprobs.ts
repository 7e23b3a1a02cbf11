import type { TokenLogprob } from '../canonical/events.ts';
import { asNumber, asObjects, asString } from '../canonical/read-json.ts';
import type { JsonObject } from '../canonical/request.ts';

/** Token probabilities as a candidate tells them, both ways: the chosen tokens, and beside them the likeliest at each step. */
type Token = Omit<TokenLogprob, 'top'>;

export function decodeLogprobs(result: JsonObject | undefined): readonly TokenLogprob[] {
  const steps = asObjects(result?.['topCandidates']);
  return asObjects(result?.['chosenCandidates']).map((chosen, index) => ({
    ...decodeToken(chosen),
    top: asObjects(steps[index]?.['candidates']).map(decodeToken),
  }));
}

function decodeToken(entry: JsonObject): Token {
  return { token: asString(entry['token']) ?? '', logprob: asNumber(entry['logProbability']) ?? 0 };
}

/** Fields of a candidate; none where there are no probabilities. */
export function encodeLogprobs(tokens: readonly TokenLogprob[]): JsonObject {
  if (tokens.length === 0) return {};
  return {
    logprobsResult: {
      topCandidates: tokens.map(({ top }) => ({ candidates: top.map(encodeToken) })),
      chosenCandidates: tokens.map(encodeToken),
    },
  };
}

function encodeToken({ token, logprob }: Token): JsonObject {
  return { token, logProbability: logprob };
}
