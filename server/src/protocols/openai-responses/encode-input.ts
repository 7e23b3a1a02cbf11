import { encodeCallId, encodeName } from '../canonical/names.ts';
import { asObject, asText, defined } from '../canonical/read-json.ts';
import { placeholderText, repairTurns } from '../canonical/repair-turns.ts';
import type {
  CanonicalRequest,
  Json,
  JsonObject,
  Part,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  Turn,
} from '../canonical/request.ts';
import { spokenTexts } from '../canonical/spoken-texts.ts';
import { jsonSentence, lacksJsonWord } from '../openai-json-mode.ts';
import { encodeParts, encodeSaid } from './encode-content.ts';
import type { InputContext } from './encode-context.ts';
import { maxNameLength } from './decode-tools.ts';
import { customInput } from './write-call.ts';

/** System text and turns to `instructions` and input items. */
const maxIdLength = 64;

export function encodeInput(request: CanonicalRequest, context: InputContext): JsonObject {
  const { instructions, items } = encodeSystem(request.system, context);
  const turns = context.isOwn ? request.turns : repairTurns(request.turns, context.losses);
  const asked =
    !context.isOwn && lacksJsonWord(request, 'messages') ? [message('developer', jsonSentence)] : [];
  const input = [...items, ...asked, ...turns.flatMap((turn) => encodeTurn(turn, context))];
  if (!context.isOwn && turns.at(-1)?.role === 'assistant') context.losses.add('prefill_weakened');
  // The wire demands an item.
  if (input.length === 0) input.push(message('user', placeholderText));
  return { ...defined({ instructions }), input };
}

interface SystemText {
  readonly instructions?: string;
  readonly items: readonly JsonObject[];
}

/** Cache marks need parts to stand on, which instructions do not have. */
function encodeSystem(parts: readonly TextPart[], context: InputContext): SystemText {
  if (context.isOwn) return encodeOwnSystem(parts, context);
  const kept = spokenTexts(parts);
  if (kept.length === 0) return { items: [] };
  if (context.traits.takesBreakpoints && kept.some((part) => part.cache !== undefined)) {
    return { items: [message('developer', encodeParts(kept, context))] };
  }
  return { instructions: kept.map((part) => part.text).join('\n\n'), items: [] };
}

function encodeOwnSystem(parts: readonly TextPart[], context: InputContext): SystemText {
  const first = parts.findIndex((part) => part.extra?.['message'] !== undefined);
  const leading = parts.slice(0, first === -1 ? parts.length : first);
  const instructions = leading.map((part) => part.text).join('\n\n');
  const items = groupMessages(parts.slice(leading.length)).map((group) => ({
    type: 'message',
    ...messageFields(group),
    content: encodeParts(group, context),
  }));
  return { items, ...(instructions === '' ? {} : { instructions }) };
}

/** Texts that were one message: the first of them carries its fields. */
function groupMessages<P extends Part>(parts: readonly P[]): readonly P[][] {
  const groups: P[][] = [];
  for (const part of parts) {
    const last = groups.at(-1);
    const begins = part.type === 'text' && part.extra?.['message'] !== undefined;
    if (last === undefined || begins) groups.push([part]);
    else last.push(part);
  }
  return groups;
}

function messageFields(parts: readonly Part[]): JsonObject {
  const [first] = parts;
  return first?.type === 'text' ? (asObject(first.extra?.['message']) ?? {}) : {};
}

function message(role: string, content: Json): JsonObject {
  return { type: 'message', role, content };
}

function encodeTurn(turn: Turn, context: InputContext): readonly JsonObject[] {
  switch (turn.role) {
    case 'tool':
      return turn.parts.flatMap((part) => (part.type === 'tool-result' ? [encodeResult(part, context)] : []));
    case 'assistant':
      return encodeAssistant(turn.parts, context);
    case 'system':
    case 'developer': {
      const role = context.isOwn ? turn.role : 'developer';
      const content = encodeParts(turn.parts, context);
      return content.length === 0 ? [] : [{ ...message(role, content), ...ownFields(turn.parts, context) }];
    }
    case 'user':
      break;
  }
  const content = encodeParts(turn.parts, context);
  if (content.length > 0) return [{ ...message('user', content), ...ownFields(turn.parts, context) }];
  context.losses.add('empty_turn_filled');
  return [message('user', placeholderText)];
}

function ownFields(parts: readonly Part[], { isOwn }: InputContext): JsonObject {
  return isOwn ? messageFields(parts) : {};
}

/** Items in the order in which the model wrote them; texts beside each other are one message. */
function encodeAssistant(parts: readonly Part[], context: InputContext): readonly JsonObject[] {
  const items: JsonObject[] = [];
  let said: Part[] = [];
  const closeMessage = (isBeforeCall: boolean): void => {
    for (const group of groupMessages(said)) {
      const item = encodeSaidMessage(group, isBeforeCall, context);
      if (item !== undefined) items.push(item);
    }
    said = [];
  };
  for (const [at, part] of parts.entries()) {
    if (part.type === 'text' || part.type === 'refusal') {
      said.push(part);
      continue;
    }
    closeMessage(parts.slice(at).some((later) => later.type === 'tool-call'));
    if (part.type === 'tool-call') items.push(encodeCall(part, context));
    else if (part.type === 'reasoning') items.push(...encodeReasoning(part, parts.slice(at + 1), context));
    else items.push(...encodeOther(part, context));
  }
  closeMessage(false);
  return items;
}

/** Items of hosted tools are kept for their own protocol. */
function encodeOther(part: Part, { losses }: InputContext): readonly JsonObject[] {
  if (part.type === 'unknown' && part.protocol === 'openai-responses') return [part.data as JsonObject];
  if (part.type === 'unknown' && part.asText !== undefined) {
    return [message('assistant', [{ type: 'output_text', text: part.asText, annotations: [] }])];
  }
  losses.add('block_dropped');
  return [];
}

/** Models that know phases answer worse when what they said before a call looks like a final answer. */
function encodeSaidMessage(
  parts: readonly Part[],
  isBeforeCall: boolean,
  context: InputContext,
): JsonObject | undefined {
  const content = parts.flatMap((part): JsonObject[] => {
    if (part.type === 'refusal') return [{ type: 'refusal', refusal: part.text }];
    if (part.type !== 'text' || (part.text.trim() === '' && !context.isOwn)) return [];
    return [encodeSaid(part, context)];
  });
  if (content.length === 0) return undefined;
  const said = message('assistant', content);
  if (context.isOwn) return { ...said, ...messageFields(parts) };
  const phase = isBeforeCall ? 'commentary' : 'final_answer';
  return context.traits.takesBreakpoints ? { ...said, phase } : said;
}

/**
 * Encrypted reasoning goes back to this protocol and nothing else does. The provider refuses a reasoning item that
 * nothing follows.
 */
function encodeReasoning(
  part: ReasoningPart,
  rest: readonly Part[],
  { isOwn }: InputContext,
): readonly JsonObject[] {
  const { opaque, text, extra } = part;
  const sealed = opaque?.origin.protocol === 'openai-responses' ? opaque.value : undefined;
  const summary = text === '' ? [] : [{ type: 'summary_text', text }];
  const item = {
    type: 'reasoning',
    ...(isOwn ? (extra ?? { summary }) : { summary }),
    ...defined({ encrypted_content: sealed }),
  };
  if (isOwn && part.origin?.protocol === 'openai-responses') return [item];
  const isFollowed = rest.some((later) => later.type !== 'reasoning');
  return sealed === undefined || !isFollowed ? [] : [item];
}

function callId(id: string, { isOwn }: InputContext): string {
  return isOwn ? id : encodeCallId(id, 'call_', maxIdLength);
}

function encodeCall(call: ToolCallPart, context: InputContext): JsonObject {
  const typed = context.isOwn ? asObject(call.extra?.['typed']) : undefined;
  if (typed !== undefined) return typed;
  const own = context.isOwn ? (asObject(call.extra?.['item']) ?? {}) : {};
  const namespace = context.isOwn ? asText(call.extra?.['namespace']) : undefined;
  const local = context.isOwn ? (asText(call.extra?.['local']) ?? call.name) : call.name;
  const name = context.isOwn ? local : encodeName(local, maxNameLength);
  const head = { call_id: callId(call.id, context), name, ...defined({ namespace }) };
  if (context.customCalls.has(call.id)) {
    return { type: 'custom_tool_call', ...head, input: customInput(call.argumentsText), ...own };
  }
  const isEmpty = call.argumentsText === '' && !context.isOwn;
  return { type: 'function_call', ...head, arguments: isEmpty ? '{}' : call.argumentsText, ...own };
}

function encodeResult(result: ToolResultPart, context: InputContext): JsonObject {
  const typed = context.isOwn ? asObject(result.extra?.['typed']) : undefined;
  if (typed !== undefined) return typed;
  const isCustom = context.customCalls.has(result.callId) || result.extra?.['custom'] === true;
  const own = context.isOwn ? (asObject(result.extra?.['item']) ?? {}) : {};
  return {
    type: isCustom ? 'custom_tool_call_output' : 'function_call_output',
    call_id: callId(result.callId, context),
    output: encodeOutput(result, context),
    ...own,
  };
}

/** A string where text is all there is; parts where media are in it. */
function encodeOutput(result: ToolResultPart, context: InputContext): Json {
  const taken = result.parts.filter((part) => part.type !== 'audio' && part.type !== 'video');
  if (taken.length < result.parts.length) context.losses.add('media_type_refused');
  const said: TextPart[] = result.isError ? [{ type: 'text', text: 'Error: ' }] : [];
  const parts = encodeParts([...said, ...taken], context);
  const isPlain = parts.every((part) => part['type'] === 'input_text' && Object.keys(part).length === 2);
  if (context.isOwn ? result.extra?.['isList'] === true : !isPlain) return parts;
  const texts = parts.map((part) => asText(part['text']) ?? '');
  return result.isError ? `Error: ${texts.slice(1).join('\n')}` : texts.join('\n');
}
