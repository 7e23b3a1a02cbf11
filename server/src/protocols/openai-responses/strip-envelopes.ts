import { memberOf, stringAt } from '../../platform/json-spans.ts';
import type { LossCode } from '../canonical/losses.ts';
import { openText, summaryText } from '../canonical/envelope.ts';
import { isEnvelopeAt, stripLists, typeAt, type StripEnvelopes } from '../strip-envelopes.ts';

/** Reasoning of another provider's model goes; a history that one of them summarised becomes the words of its summary. */
export const stripEnvelopes: StripEnvelopes = (body, seals) => {
  const losses: LossCode[] = [];
  const { splices } = stripLists(body, ['input'], (item) => {
    if (!isEnvelopeAt(body, item, 'encrypted_content')) return [];
    if (typeAt(body, item) !== 'compaction') return 'cut';
    const envelope = stringAt(body, memberOf(body, item, 'encrypted_content')) ?? '';
    const summary = openText(seals, envelope);
    if (summary === undefined) {
      losses.push('reasoning_envelope_dropped');
      return 'cut';
    }
    const content = [{ type: 'input_text', text: summaryText(summary) }];
    const message = { type: 'message', role: 'developer', content };
    return [{ start: item.start, end: item.end, bytes: Buffer.from(JSON.stringify(message)) }];
  });
  return { splices, losses };
};
