import { decodeCallSignature, decodeReasoningDetails } from './call-signature.ts';
import { RelayError } from '../../domain/errors.ts';
import { hashHex } from '../canonical/hash.ts';
import { asArray, asObject, asObjects, asString, asText, defined } from '../canonical/read-json.ts';
import type {
  Json,
  JsonObject,
  Part,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  Turn,
} from '../canonical/request.ts';
import { decodeContent } from './decode-parts.ts';

/** Messages to leading system text and turns. */
interface Conversation {
  readonly system: readonly TextPart[];
  readonly turns: readonly Turn[];
}

export function decodeMessages(body: JsonObject, model: string): Conversation {
  const messages = asArray(body['messages']);
  if (messages === undefined) throw invalid('messages', 'The field "messages" must be a list.');
  const system: TextPart[] = [];
  const turns: Turn[] = [];
  const legacy = createLegacyIds();
  for (const [index, item] of messages.entries()) {
    const message = asObject(item);
    const role = asString(message?.['role']);
    if (message === undefined || role === undefined || !roles.has(role)) {
      throw invalid(`messages[${index}].role`, 'A message needs a role that Chat Completions knows.');
    }
    if (turns.length === 0 && isInstruction(role)) system.push(...decodeSystem(message, role));
    else turns.push(decodeTurn(message, role, { model, legacy }));
  }
  return { system, turns };
}

const roles = new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function']);

function isInstruction(role: string): role is 'system' | 'developer' {
  return role === 'system' || role === 'developer';
}

function invalid(param: string, message: string): RelayError {
  return new RelayError('invalid_request', { param, message });
}

/** The role and name of the message are kept with its text, so that this protocol's own upstream gets them back. */
function decodeSystem(message: JsonObject, role: 'system' | 'developer'): readonly TextPart[] {
  const name = asText(message['name']);
  const own = { ...(role === 'developer' ? { role } : {}), ...defined({ name }) };
  return decodeContent(message['content']).flatMap((part) => {
    if (part.type !== 'text') return [];
    const extra = { ...part.extra, ...own };
    return [Object.keys(extra).length === 0 ? part : { ...part, extra }];
  });
}

interface TurnContext {
  readonly model: string;
  readonly legacy: LegacyIds;
}

function decodeTurn(message: JsonObject, role: string, context: TurnContext): Turn {
  const name = asText(message['name']);
  switch (role) {
    case 'tool':
      return { role: 'tool', parts: [decodeResult(message, asString(message['tool_call_id']) ?? '')] };
    case 'function':
      return { role: 'tool', parts: [decodeResult(message, context.legacy.result())] };
    case 'assistant':
      return { role: 'assistant', parts: decodeAssistant(message, context), ...defined({ name }) };
    default:
      return {
        role: isInstruction(role) ? role : 'user',
        parts: decodeContent(message['content']),
        ...defined({ name }),
      };
  }
}

function decodeResult(message: JsonObject, callId: string): ToolResultPart {
  const parts = decodeContent(message['content']).flatMap((part) => {
    const fits =
      part.type === 'text' || part.type === 'image' || part.type === 'document' || part.type === 'unknown';
    return fits ? [part] : [];
  });
  return {
    type: 'tool-result',
    callId,
    parts,
    isError: false,
    ...defined({ name: asText(message['name']) }),
  };
}

/** Reasoning first, then text, then calls: the order in which a model produces them. */
function decodeAssistant(message: JsonObject, { model, legacy }: TurnContext): readonly Part[] {
  const parts: Part[] = [];
  const reasoning = asString(message['reasoning_content']) ?? asText(message['reasoning']);
  const envelopes = decodeReasoningDetails(message);
  if (envelopes.length > 0) {
    parts.push(
      ...envelopes.map((envelope, at): Part => {
        return { type: 'reasoning', text: at === 0 ? (reasoning ?? '') : '', envelope };
      }),
    );
  } else if (reasoning !== undefined) {
    parts.push({ type: 'reasoning', text: reasoning, origin: { protocol: 'openai-chat', model } });
  }
  parts.push(...decodeContent(message['content']).filter((part) => part.type !== 'text' || part.text !== ''));
  const refusal = asText(message['refusal']);
  if (refusal !== undefined) parts.push({ type: 'refusal', text: refusal });
  parts.push(...asObjects(message['tool_calls']).map((call) => decodeCall(call, model)));
  const call = asObject(message['function_call']);
  if (call !== undefined) {
    const { name, argumentsText } = decodeFunction(call);
    parts.push({ type: 'tool-call', id: legacy.call(name), name, argumentsText });
  }
  return parts;
}

function decodeCall(call: JsonObject, model: string): ToolCallPart {
  const id = asString(call['id']) ?? '';
  const custom = asObject(call['custom']);
  if (custom !== undefined) {
    const argumentsText = JSON.stringify({ input: asString(custom['input']) ?? '' });
    return {
      type: 'tool-call',
      id,
      name: asString(custom['name']) ?? '',
      argumentsText,
      extra: { custom: true },
    };
  }
  const called = decodeFunction(asObject(call['function']) ?? {});
  return { type: 'tool-call', id, ...called, ...decodeCallSignature(call, model) };
}

function decodeFunction(call: JsonObject): { readonly name: string; readonly argumentsText: string } {
  return { name: asString(call['name']) ?? '', argumentsText: argumentsOf(call['arguments']) };
}

/** A string on the wire; some clients and servers send the object itself. */
export function argumentsOf(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

/** The deprecated single function call has no id: calls and results are paired in order. */
interface LegacyIds {
  call(name: string): string;
  result(): string;
}

function createLegacyIds(): LegacyIds {
  let count = 0;
  let latest = '';
  return {
    call(name) {
      count += 1;
      latest = `call_${hashHex(`${name}/${count}`)}`;
      return latest;
    },
    result: () => latest,
  };
}
