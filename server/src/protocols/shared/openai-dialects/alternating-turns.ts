import { placeholderText } from '../../canonical/repair-turns.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { Quirk } from './dialect.ts';
import { callsOf, isInstruction, partsOf, withMessages } from './messages.ts';

/**
 * After the instructions, user and assistant must take turns and the user begins: neighbours of one role are joined, and a
 * conversation that opens with the assistant gets a fixed first turn.
 */
export const alternatingTurns: Quirk = {
  name: 'alternating-turns',
  apply: (body) =>
    withMessages(body, (messages) => {
      const joined: JsonObject[] = [];
      for (const message of messages) {
        const last = joined.at(-1);
        if (last !== undefined && canJoin(last, message)) joined[joined.length - 1] = join(last, message);
        else {
          const isFirstTurn = last === undefined || isInstruction(last);
          if (message['role'] === 'assistant' && isFirstTurn)
            joined.push({ role: 'user', content: placeholderText });
          joined.push(message);
        }
      }
      return joined;
    }),
};

function canJoin(last: JsonObject, next: JsonObject): boolean {
  const { role } = next;
  return role === last['role'] && (role === 'user' || (role === 'assistant' && callsOf(last).length === 0));
}

function join(last: JsonObject, next: JsonObject): JsonObject {
  const [before, after] = [last['content'], next['content']];
  const content =
    typeof before === 'string' && typeof after === 'string'
      ? `${before}\n\n${after}`
      : [...partsOf(before), ...partsOf(after)];
  return { ...last, ...next, content };
}
