import { wrapSystemText } from '../../canonical/repair-turns.ts';
import type { Quirk } from './dialect.ts';
import { isInstruction, textOf, withMessages } from './messages.ts';

/** Instructions may stand at the beginning only; a later one becomes marked user text in its place. */
export const leadingSystemOnly: Quirk = {
  name: 'leading-system-only',
  apply: (body, { lose }) =>
    withMessages(body, (messages) => {
      const start = messages.findIndex((message) => !isInstruction(message));
      return messages.map((message, index) => {
        if (index < start || start < 0 || !isInstruction(message)) return message;
        lose('system_turn_wrapped');
        return { role: 'user', content: wrapSystemText(textOf(message['content'])) };
      });
    }),
};
