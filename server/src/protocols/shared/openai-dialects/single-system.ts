import type { Quirk } from './dialect.ts';
import { isInstruction, textOf, withMessages } from './messages.ts';

/** Only one system message is taken: the leading ones become one. */
export const singleSystem: Quirk = {
  name: 'single-system',
  apply: (body) =>
    withMessages(body, (messages) => {
      const start = messages.findIndex((message) => !isInstruction(message));
      const leading = messages.slice(0, start < 0 ? messages.length : start);
      if (leading.length < 2) return messages;
      const content = leading.map((message) => textOf(message['content'])).join('\n\n');
      return [{ role: 'system', content }, ...messages.slice(leading.length)];
    }),
};
