import { elementsOf, memberOf } from '../../platform/json-spans.ts';
import { cutMembers, hasEnvelopes, isEnvelopeAt, type StripEnvelopes } from '../strip-envelopes.ts';
import type { Splice } from '../wire-protocol.ts';

/** The words go with what only their origin can read: a provider that did not think them refuses the field. */
const foreignReasoning = new Set(['reasoning_details', 'reasoning_content']);

/** The fields of messages and calls in which clients keep what another provider's model gave. */
export const stripEnvelopes: StripEnvelopes = (body) => {
  const messages = hasEnvelopes(body)
    ? memberOf(body, { start: body.indexOf(0x7b), end: body.length }, 'messages')
    : undefined;
  if (messages === undefined) return { splices: [], losses: [] };
  const splices = elementsOf(body, messages).flatMap((message): readonly Splice[] => {
    const details = memberOf(body, message, 'reasoning_details');
    const isOurs =
      details !== undefined && elementsOf(body, details).some((detail) => isEnvelopeAt(body, detail, 'data'));
    const calls = memberOf(body, message, 'tool_calls');
    const signed = calls === undefined ? [] : elementsOf(body, calls);
    return [
      ...(isOurs ? cutMembers(body, message, foreignReasoning) : []),
      ...signed.flatMap((call): readonly Splice[] => {
        const google = memberOf(body, memberOf(body, call, 'extra_content'), 'google');
        const isSealed = google !== undefined && isEnvelopeAt(body, google, 'thought_signature');
        return isSealed ? cutMembers(body, call, new Set(['extra_content'])) : [];
      }),
    ];
  });
  return { splices, losses: [] };
};
