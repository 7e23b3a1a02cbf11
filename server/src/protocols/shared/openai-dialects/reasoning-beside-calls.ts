import type { Quirk } from './dialect.ts';
import { callsOf, mapMessages } from './messages.ts';

/** Assistant turns with tool calls must carry `reasoning_content`, empty where none is left. */
export const reasoningBesideCalls: Quirk = {
  name: 'reasoning-beside-calls',
  apply: (body, { accepts }) =>
    accepts.replayReasoning === 'required'
      ? mapMessages(body, (message) =>
          callsOf(message).length > 0 && message['reasoning_content'] === undefined
            ? { ...message, reasoning_content: '' }
            : message,
        )
      : body,
};
