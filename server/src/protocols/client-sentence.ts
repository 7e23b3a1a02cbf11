import type { RelayError } from '../domain/errors.ts';

/** What the caller reads: our sentence and, where its input was refused, the upstream's. */
export function clientSentence(error: RelayError): string {
  const { upstreamSentence } = error.details;
  return upstreamSentence === undefined ? error.message : `${error.message} ${upstreamSentence}`;
}
