import { hashHex } from '../../canonical/hash.ts';
import type { Json } from '../../canonical/request.ts';
import type { Quirk } from './dialect.ts';
import { callsOf, mapMessages } from './messages.ts';

const nine = /^[A-Za-z0-9]{9}$/;

/** Call ids are exactly nine letters and digits; any other becomes nine of its hash, the same in call and result. */
export const nineCharacterCallIds: Quirk = {
  name: 'nine-character-call-ids',
  apply: (body) =>
    mapMessages(body, (message) => {
      const result = message['tool_call_id'];
      if (needsOther(result)) return { ...message, tool_call_id: shorten(result) };
      const calls = callsOf(message);
      if (!calls.some((call) => needsOther(call['id']))) return message;
      const tool_calls = calls.map((call) => {
        const { id } = call;
        return needsOther(id) ? { ...call, id: shorten(id) } : call;
      });
      return { ...message, tool_calls };
    }),
};

function needsOther(id: Json | undefined): id is string {
  return typeof id === 'string' && !nine.test(id);
}

function shorten(id: string): string {
  return hashHex(id).slice(0, 9);
}
