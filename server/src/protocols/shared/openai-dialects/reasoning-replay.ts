import type { Json, JsonObject } from '../../canonical/request.ts';
import type { Quirk } from './dialect.ts';
import { mapMessages, partsOf, without } from './messages.ts';

const usual = 'reasoning_content';

/** Earlier reasoning goes back as `reasoning`; `reasoning_content` is a field the server does not know. */
export const reasoningAsReasoning: Quirk = {
  name: 'reasoning-as-reasoning',
  apply: (body) =>
    mapMessages(body, (message) => {
      const text = message[usual];
      if (text === undefined) return message;
      const rest = without(message, usual);
      return text === null || text === '' ? rest : { reasoning: text, ...rest };
    }),
};

/** Earlier reasoning goes back as `thinking` blocks in the content; as a field it is refused. */
export const reasoningAsBlocks: Quirk = {
  name: 'reasoning-as-blocks',
  apply: (body, { accepts }) =>
    mapMessages(body, (message) => {
      const text = message[usual] ?? message['reasoning'];
      if (text === undefined) return message;
      const rest = without(without(message, usual), 'reasoning');
      return typeof text !== 'string' || text === '' || accepts.thinkingStyle === 'none'
        ? rest
        : withBlock(rest, text);
    }),
};

function withBlock(message: JsonObject, text: string): JsonObject {
  const block: Json = { type: 'thinking', thinking: [{ type: 'text', text }] };
  return { ...message, content: [block, ...partsOf(message['content'])] };
}

/** Earlier reasoning is refused in any form. */
export const noReasoningReplay: Quirk = {
  name: 'no-reasoning-replay',
  apply: (body) =>
    mapMessages(body, (message) =>
      message[usual] === undefined && message['reasoning'] === undefined
        ? message
        : without(without(message, usual), 'reasoning'),
    ),
};
