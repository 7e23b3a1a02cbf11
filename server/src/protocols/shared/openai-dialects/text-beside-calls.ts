import type { Quirk } from './dialect.ts';
import { mapMessages } from './messages.ts';

/** Content may not be null or missing, not even beside tool calls. */
export const textBesideCalls: Quirk = {
  name: 'text-beside-calls',
  apply: (body) =>
    mapMessages(body, (message) =>
      message['role'] === 'assistant' && (message['content'] ?? null) === null
        ? { ...message, content: '' }
        : message,
    ),
};
