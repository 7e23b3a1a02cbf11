import type { CanonicalRequest, Part } from './canonical/request.ts';

/**
 * Both OpenAI wires refuse JSON mode where no message speaks of JSON. Clients of other protocols need not say it, so it
 * is said for them, always in the same words and at the same place.
 */
export const jsonSentence = 'Reply with one JSON object.';

export function lacksJsonWord(
  { output, system, turns }: CanonicalRequest,
  where: 'messages' | 'everything',
): boolean {
  if (output?.type !== 'json') return false;
  const said: readonly Part[] = turns.flatMap(({ parts }) => parts);
  return !(where === 'everything' ? [...system, ...said] : said).some(speaksOfJson);
}

function speaksOfJson(part: Part): boolean {
  return part.type === 'text' && /json/i.test(part.text);
}
