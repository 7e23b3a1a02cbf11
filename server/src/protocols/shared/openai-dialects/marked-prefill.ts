import type { Quirk } from './dialect.ts';
import { callsOf, withMessages } from './messages.ts';

/** A begun answer at the end is only continued where it is marked; some servers refuse it without. */
function markedPrefill(field: string, isDemanded: boolean): Quirk {
  return {
    name: `marked-prefill-${field}`,
    apply: (body, { isTranslated }) => {
      if (!isDemanded && !isTranslated) return body;
      return withMessages(body, (messages) => {
        const last = messages.at(-1);
        const isBegun = last?.['role'] === 'assistant' && callsOf(last).length === 0;
        return isBegun && last[field] === undefined
          ? [...messages.slice(0, -1), { ...last, [field]: true }]
          : messages;
      });
    },
  };
}

export const prefixPrefill = markedPrefill('prefix', true);
export const partialPrefill = markedPrefill('partial', false);
