import type { JsonObject } from '../../canonical/request.ts';
import type { Quirk } from './dialect.ts';
import { isInstruction, withMessages } from './messages.ts';

/** Fixed, so that prompt caches hold. */
const filler: JsonObject = { role: 'assistant', content: 'OK' };

/** A user turn may not follow tool results: an assistant turn must stand between them. */
export const answerBeforeUser: Quirk = {
  name: 'answer-before-user',
  apply: (body) =>
    withMessages(body, (messages) =>
      messages.flatMap((message, index) => {
        const isAfterResult = messages[index - 1]?.['role'] === 'tool';
        const isTurn = message['role'] === 'user' || isInstruction(message);
        return isAfterResult && isTurn ? [filler, message] : [message];
      }),
    ),
};
