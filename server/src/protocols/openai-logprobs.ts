import type { TokenLogprob } from './canonical/events.ts';
import { asArray, asNumber, asObjects, asString, defined } from './canonical/read-json.ts';
import type { Json, JsonObject } from './canonical/request.ts';

/** Token probabilities as Chat Completions and Responses write them, both ways. */
type Token = Omit<TokenLogprob, 'top'>;

export function decodeLogprobs(list: Json | undefined): readonly TokenLogprob[] {
  return asObjects(list).map((entry) => ({
    ...decodeToken(entry),
    top: asObjects(entry['top_logprobs']).map(decodeToken),
  }));
}

function decodeToken(entry: JsonObject): Token {
  const bytes = asArray(entry['bytes'])?.filter((byte) => typeof byte === 'number');
  return {
    token: asString(entry['token']) ?? '',
    logprob: asNumber(entry['logprob']) ?? 0,
    ...defined({ bytes }),
  };
}

export function encodeLogprobs(tokens: readonly TokenLogprob[]): readonly JsonObject[] {
  return tokens.map(({ top, ...token }) => ({ ...encodeToken(token), top_logprobs: top.map(encodeToken) }));
}

function encodeToken({ token, logprob, bytes }: Token): JsonObject {
  return { token, logprob, bytes: bytes ?? [...Buffer.from(token)] };
}
