import { isEnvelopeAt, stripLists, type StripEnvelopes } from '../strip-envelopes.ts';

/** Thinking that another provider's model thought, as this protocol's clients keep it: whole blocks. */
export const stripEnvelopes: StripEnvelopes = (body) =>
  stripLists(body, ['messages', 'content'], (block) =>
    isEnvelopeAt(body, block, 'signature') || isEnvelopeAt(body, block, 'data') ? 'cut' : [],
  );
