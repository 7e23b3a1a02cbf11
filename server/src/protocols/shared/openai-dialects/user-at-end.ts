import { placeholderText } from '../../canonical/repair-turns.ts';
import type { Quirk } from './dialect.ts';
import { withMessages } from './messages.ts';

/** The conversation must end with the user or a tool. */
export const userAtEnd: Quirk = {
  name: 'user-at-end',
  apply: (body) =>
    withMessages(body, (messages) =>
      messages.at(-1)?.['role'] === 'assistant'
        ? [...messages, { role: 'user', content: placeholderText }]
        : messages,
    ),
};
