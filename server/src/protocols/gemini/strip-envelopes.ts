import { memberOf } from '../../platform/json-spans.ts';
import { cutMembers, isEnvelopeAt, stripLists, type StripEnvelopes } from '../strip-envelopes.ts';
import { standIn } from './thought-signatures.ts';

/** Both spellings that the provider reads. */
const spellings = ['thoughtSignature', 'thought_signature'] as const;
const calls = ['functionCall', 'function_call'] as const;

/**
 * A thought of another provider's model goes as a whole. A call stays, and the stand-in takes the place of a signature
 * that would not be recognised; so does a text, without one.
 */
export const stripEnvelopes: StripEnvelopes = (body) =>
  stripLists(body, ['contents', 'parts'], (part) => {
    const key = spellings.find((spelling) => isEnvelopeAt(body, part, spelling));
    const signature = key === undefined ? undefined : memberOf(body, part, key);
    if (key === undefined || signature === undefined) return [];
    if (calls.some((call) => memberOf(body, part, call) !== undefined)) {
      return [{ start: signature.start, end: signature.end, bytes: Buffer.from(JSON.stringify(standIn)) }];
    }
    const text = memberOf(body, part, 'text');
    const isWordless = text === undefined || text.end - text.start === 2;
    return isWordless || memberOf(body, part, 'thought') !== undefined
      ? 'cut'
      : cutMembers(body, part, new Set([key]));
  });
