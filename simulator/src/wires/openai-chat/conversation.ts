import type { Json, JsonObject } from '../../engine/simulated-call.ts';
import { invalid, requireImageUrl } from '../openai/index.ts';
import { isArray, isObject, textOr } from '../shape.ts';

/** Rules between messages, which no shape of a single message can hold. */
export function checkConversation(messages: readonly JsonObject[]): void {
  let open = new Set<string>();
  let isAfterCalls = false;
  messages.forEach((message, index) => {
    const role = message['role'];
    if (role === 'tool') {
      open = answerCall(message, { open, isAfterCalls, index });
      return;
    }
    refuseOpenCalls(open, index);
    const calls = isArray(message['tool_calls']) ? message['tool_calls'].filter(isObject) : [];
    open = new Set(calls.map((call) => textOr(call['id'])));
    isAfterCalls = calls.length > 0;
    if (role === 'assistant') checkAssistant(message, index);
    if (role === 'user') checkUserParts(message['content'], index);
  });
  refuseOpenCalls(open, messages.length);
}

interface ToolTurn {
  readonly open: Set<string>;
  readonly isAfterCalls: boolean;
  readonly index: number;
}

function answerCall(message: JsonObject, turn: ToolTurn): Set<string> {
  if (!turn.isAfterCalls) {
    throw invalid(
      "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
      `messages.[${turn.index}].role`,
    );
  }
  const id = textOr(message['tool_call_id']);
  if (!turn.open.has(id)) {
    throw invalid(
      `Invalid parameter: 'tool_call_id' of '${id}' not found in 'tool_calls' of previous message.`,
      `messages.[${turn.index}].tool_call_id`,
    );
  }
  return new Set([...turn.open].filter((other) => other !== id));
}

function refuseOpenCalls(open: ReadonlySet<string>, index: number): void {
  if (open.size === 0) return;
  throw invalid(
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. " +
      `The following tool_call_ids did not have response messages: ${[...open].join(', ')}`,
    index === 0 ? 'messages' : `messages.[${index}].role`,
  );
}

function checkAssistant(message: JsonObject, index: number): void {
  const says = message['content'] ?? message['refusal'] ?? message['audio'];
  const calls = message['tool_calls'] ?? message['function_call'];
  if ((says ?? calls ?? null) !== null) return;
  throw invalid(`Invalid value for 'content': expected a string, got null.`, `messages.[${index}].content`);
}

function checkUserParts(content: Json | undefined, index: number): void {
  if (!isArray(content)) return;
  content.forEach((part, at) => {
    if (!isObject(part)) return;
    const image = part['image_url'];
    const param = `messages.[${index}].content.[${at}]`;
    if (isObject(image)) requireImageUrl(textOr(image['url']), `${param}.image_url.url`);
    const file = part['file'];
    if (isObject(file) && file['file_data'] === undefined && file['file_id'] === undefined) {
      throw invalid(
        `Missing required parameter: '${param}.file.file_id'.`,
        `${param}.file.file_id`,
        'missing_required_parameter',
      );
    }
  });
}
