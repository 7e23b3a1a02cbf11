import type { Json, JsonObject } from '../../engine/simulated-call.ts';
import { isArray, isObject, objectsOf, textOr } from '../shape.ts';
import { DialectRefusal, type Rule } from './server.ts';

const refuse = (message: string, status = 400): never => {
  throw new DialectRefusal(message, status);
};

const callsOf = (message: JsonObject): readonly JsonObject[] => objectsOf(message['tool_calls']);
const roleOf = (message: JsonObject | undefined): string => textOr(message?.['role']);

/** Roles in the words of a parser that knows a closed list. */
function roles(...known: readonly string[]): Rule {
  return ({ messages }) => {
    messages.forEach((message, index) => {
      if (known.includes(roleOf(message))) return;
      const words = known.map((role) => `\`${role}\``).join(', ');
      refuse(
        `Failed to deserialize the JSON body into the target type: messages[${index}].role: unknown variant \`${roleOf(message)}\`, expected one of ${words}`,
        422,
      );
    });
  };
}

export const usualRoles = roles('system', 'user', 'assistant', 'tool');

/** Top-level fields that are refused by name. */
export function noFields(...fields: readonly string[]): Rule {
  return ({ body }) => {
    for (const field of fields) {
      if (body[field] !== undefined) refuse(`Extra inputs are not permitted: body -> ${field}`, 422);
    }
  };
}

/** Fields of messages the server does not know. */
export function noMessageFields(...fields: readonly string[]): Rule {
  return ({ messages }) => {
    messages.forEach((message, index) => {
      for (const field of fields) {
        if (message[field] !== undefined) {
          refuse(`'messages.${index}' : property '${field}' is unsupported`);
        }
      }
    });
  };
}

export const systemFirst: Rule = ({ messages }) => {
  const start = messages.findIndex((message) => roleOf(message) !== 'system');
  const late = messages.findIndex((message, index) => index > start && roleOf(message) === 'system');
  if (start >= 0 && late >= 0) refuse('System message must be at the beginning.');
};

export const alternation: Rule = ({ messages }) => {
  if (messages.filter((message) => roleOf(message) === 'system').length > 1) {
    refuse('Only one system message is supported.');
  }
  const turns = messages.filter((message) => roleOf(message) !== 'system');
  turns.forEach((message, index) => {
    if (roleOf(message) !== (index % 2 === 0 ? 'user' : 'assistant')) {
      refuse(
        'After the (optional) system message(s), user or tool message(s) should alternate with assistant message(s).',
      );
    }
  });
};

export const endsWithUser: Rule = ({ messages }) => {
  if (!['user', 'tool'].includes(roleOf(messages.at(-1)))) {
    refuse('Last message must have role `user` or `tool`.');
  }
};

export const noTools: Rule = ({ body, messages }) => {
  if (body['tools'] !== undefined) refuse('Tool calling is not supported for this model');
  if (messages.some((message) => roleOf(message) === 'tool' || callsOf(message).length > 0)) {
    refuse('Tool messages are not supported for this model');
  }
};

export const nineCharacterIds: Rule = ({ messages }) => {
  const ids = messages.flatMap((message) => [
    ...callsOf(message).map((call) => call['id']),
    ...(roleOf(message) === 'tool' ? [message['tool_call_id']] : []),
  ]);
  for (const id of ids) {
    if (!/^[a-zA-Z0-9]{9}$/.test(textOr(id))) {
      refuse(`Tool call id was ${textOr(id)} but must be a-z, A-Z, 0-9, with a length of 9.`);
    }
  }
};

export const noUserAfterTool: Rule = ({ messages }) => {
  messages.forEach((message, index) => {
    const isAfterTool = roleOf(messages[index - 1]) === 'tool';
    if (isAfterTool && ['user', 'system'].includes(roleOf(message))) {
      refuse(`Unexpected role '${roleOf(message)}' after role 'tool'`);
    }
  });
};

/** A begun answer must be marked with `field`. */
export function markedPrefill(field: string): Rule {
  return ({ messages }) => {
    const last = messages.at(-1);
    if (roleOf(last) === 'assistant' && last?.[field] !== true) {
      refuse('Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant');
    }
  };
}

export const noNullContent: Rule = ({ messages }) => {
  messages.forEach((message, index) => {
    if ((message['content'] ?? null) === null) refuse(`messages[${index}].content must not be null`);
  });
};

export const noEmptyAssistant: Rule = ({ messages }) => {
  messages.forEach((message, index) => {
    const isEmpty = roleOf(message) === 'assistant' && (message['content'] ?? '') === '';
    if (isEmpty && callsOf(message).length === 0) {
      refuse(`Invalid request: the message at position ${index} with role 'assistant' must not be empty`);
    }
  });
};

export const reasoningBesideCalls: Rule = ({ messages, isThinking }) => {
  if (!isThinking) return;
  messages.forEach((message, index) => {
    if (callsOf(message).length > 0 && typeof message['reasoning_content'] !== 'string') {
      refuse(
        `thinking is enabled but reasoning_content is missing in assistant tool call message at index ${index}`,
      );
    }
  });
};

function isForced(choice: Json | undefined): boolean {
  return choice === 'required' || isObject(choice);
}

export const noForcedToolsWhileThinking: Rule = ({ body, isThinking }) => {
  if (isThinking && isForced(body['tool_choice'])) refuse('Thinking mode does not support this tool_choice');
};

export const onlyAutoChoice: Rule = ({ body }) => {
  const choice = body['tool_choice'];
  if (choice !== undefined && choice !== 'auto') refuse('tool_choice only supports auto');
};

export const noSchema: Rule = ({ body, messages }) => {
  const format = isObject(body['response_format']) ? body['response_format'] : {};
  if (format['type'] === 'json_schema') refuse('This response_format type is unavailable now');
  if (format['type'] === 'json_object' && !/json/i.test(JSON.stringify(messages))) {
    refuse(
      "Prompt must contain the word 'json' in some form to use 'response_format' of type 'json_object'.",
    );
  }
};

/** Most stop sequences. */
export function stops(most: number): Rule {
  return ({ body }) => {
    const { stop } = body;
    const count = isArray(stop) ? stop.length : stop === undefined ? 0 : 1;
    if (count > most) refuse(`stop: at most ${most} are supported, got ${count}`);
  };
}

export const evenStrictness: Rule = ({ body }) => {
  const strict = objectsOf(body['tools']).map(
    (tool) => isObject(tool['function']) && tool['function']['strict'] === true,
  );
  if (new Set(strict).size > 1) {
    refuse("Tools with mixed values for 'strict' are not allowed.", 422);
  }
};

export const noFetchedImages: Rule = ({ messages }) => {
  const addresses = messages
    .flatMap((message) => objectsOf(message['content']))
    .map((part) => (isObject(part['image_url']) ? textOr(part['image_url']['url']) : ''));
  if (addresses.some((address) => /^https?:/.test(address))) refuse('invalid image input');
};

export const toolsWithHistory: Rule = ({ body, messages }) => {
  const hasCalls = messages.some((message) => callsOf(message).length > 0);
  if (hasCalls && objectsOf(body['tools']).length === 0) {
    refuse('UnsupportedParamsError: `tools=` must be passed when the messages hold tool calls.');
  }
};

/** Values one field may have. */
export function fieldValues(field: string, known: (model: string) => readonly Json[]): Rule {
  return ({ body, model }) => {
    const value = body[field];
    if (value !== undefined && !known(model).includes(value)) {
      refuse(`\`${field}\` must be one of ${JSON.stringify(known(model))}`);
    }
  };
}

/** Every result follows the call it answers. */
export const orderedResults: Rule = ({ messages }) => {
  let open = new Set<string>();
  for (const message of messages) {
    if (roleOf(message) === 'tool') {
      const id = textOr(message['tool_call_id']);
      if (!open.delete(id)) refuse(`tool_call_id ${id} is not found in the preceding tool_calls`);
      continue;
    }
    if (open.size > 0) refuse('An assistant message with tool_calls must be followed by tool messages');
    open = new Set(callsOf(message).map((call) => textOr(call['id'])));
  }
  if (open.size > 0) refuse('An assistant message with tool_calls must be followed by tool messages');
};
