import { encodeCallId, encodeName } from '../canonical/names.ts';
import { asObject, asString, defined } from '../canonical/read-json.ts';
import { placeholderText, repairTurns } from '../canonical/repair-turns.ts';
import type {
  CanonicalRequest,
  JsonObject,
  MediaPart,
  Part,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  Turn,
} from '../canonical/request.ts';
import { spokenTexts } from '../canonical/spoken-texts.ts';
import { encodeCallSignature } from './call-signature.ts';
import { maxNameLength, type MessageContext } from './encode-context.ts';
import { encodeMedia, encodeText } from './encode-parts.ts';
import { encodeDetails } from './reasoning-details.ts';

/** System text and turns to Chat Completions messages. */
const maxIdLength = 40;

export function encodeMessages(request: CanonicalRequest, context: MessageContext): readonly JsonObject[] {
  const turns = repairTurns(request.turns, context.losses);
  const messages = [
    ...encodeSystem(request.system, context),
    ...turns.flatMap((turn) => encodeTurn(turn, context)),
  ];
  if (!context.isOwn && turns.at(-1)?.role === 'assistant') context.losses.add('prefill_weakened');
  return messages;
}

/** This protocol's own messages go back one by one; any other protocol's system text is one message. */
function encodeSystem(parts: readonly TextPart[], context: MessageContext): readonly JsonObject[] {
  if (context.isOwn) {
    return parts.map((part) => {
      const { role = 'system', name, ...extra } = part.extra ?? {};
      return { role, content: contentOf([{ ...part, extra }], context), ...defined({ name }) };
    });
  }
  const kept = spokenTexts(parts);
  if (kept.length === 0) return [];
  const { traits } = context;
  const takesMarks = traits.takesBreakpoints || traits.dialect.takesCacheMarks;
  const isMarked = takesMarks && kept.some((part) => part.cache !== undefined);
  const content = isMarked
    ? kept.map((part) => encodeText(part, context))
    : kept.map((part) => part.text).join('\n\n');
  return [{ role: traits.isOpenAi && traits.accepts.developerRole ? 'developer' : 'system', content }];
}

function encodeTurn(turn: Turn, context: MessageContext): readonly JsonObject[] {
  const name = context.isOwn ? turn.name : undefined;
  switch (turn.role) {
    case 'tool':
      return encodeResults(turn.parts, context);
    case 'assistant':
      return encodeAssistant(turn, context);
    case 'system':
    case 'developer':
      return [
        {
          role: context.isOwn ? turn.role : 'system',
          content: contentOf(turn.parts, context),
          ...defined({ name }),
        },
      ];
    case 'user':
      break;
  }
  return [{ role: 'user', content: userContent(turn.parts, context), ...defined({ name }) }];
}

function userContent(parts: readonly Part[], context: MessageContext): JsonObject[string] {
  const content = contentOf(parts, context);
  if (content !== '' || context.isOwn) return content;
  context.losses.add('empty_turn_filled');
  return placeholderText;
}

/** A lone plain text is a string; everything else a list of parts. */
function contentOf(parts: readonly Part[], context: MessageContext): JsonObject[string] {
  const encoded = parts.map((part) => encodeUserPart(part, context)).filter((part) => part !== undefined);
  const [first] = encoded;
  if (first === undefined) return '';
  const isPlain = encoded.length === 1 && first['type'] === 'text' && Object.keys(first).length === 2;
  return isPlain ? (first['text'] ?? '') : encoded;
}

function encodeUserPart(part: Part, context: MessageContext): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return part.text === '' && !context.isOwn ? undefined : encodeText(part, context);
    case 'image':
    case 'document':
    case 'audio':
    case 'video':
      return encodeMedia(part, context);
    case 'unknown':
      if (part.protocol === 'openai-chat') return asObject(part.data);
      if (part.asText !== undefined) return { type: 'text', text: part.asText };
      context.losses.add('block_dropped');
      return undefined;
    case 'refusal':
      return { type: 'text', text: part.text };
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
      break;
  }
  return undefined;
}

/** Tool messages hold text only: media of all results of the turn follow in one user message. */
function encodeResults(parts: readonly Part[], context: MessageContext): readonly JsonObject[] {
  const messages: JsonObject[] = [];
  const moved: MediaPart[] = [];
  for (const part of parts) {
    if (part.type === 'tool-result') messages.push(encodeResult(part, moved, context));
  }
  if (moved.length === 0) return messages;
  context.losses.add('tool_result_media_moved');
  const content = moved.map((part) => encodeMedia(part, context)).filter((part) => part !== undefined);
  return content.length === 0 ? messages : [...messages, { role: 'user', content }];
}

function encodeResult(result: ToolResultPart, moved: MediaPart[], context: MessageContext): JsonObject {
  const texts: string[] = [];
  for (const part of result.parts) {
    if (part.type === 'text') texts.push(part.text);
    else if (part.type === 'unknown') texts.push(unknownText(part, context));
    else {
      moved.push(part);
      texts.push(`(see the ${part.type} below)`);
    }
  }
  const text = texts.join('\n');
  return {
    role: 'tool',
    tool_call_id: callId(result.callId, context),
    content: result.isError ? `Error: ${text}` : text,
    ...defined({ name: context.isOwn ? result.name : undefined }),
  };
}

function unknownText(part: Extract<Part, { type: 'unknown' }>, context: MessageContext): string {
  if (part.asText === undefined) context.losses.add('block_dropped');
  return part.asText ?? '';
}

function callId(id: string, { isOwn }: MessageContext): string {
  return isOwn ? id : encodeCallId(id, 'call_', maxIdLength);
}

/** Reasoning, text, refusal and calls are fields beside each other here; their order among themselves is lost. */
function encodeAssistant(turn: Turn, context: MessageContext): readonly JsonObject[] {
  const calls = turn.parts.filter((part) => part.type === 'tool-call');
  const refusal = turn.parts.flatMap((part) => (part.type === 'refusal' ? [part.text] : [])).join('');
  const content = assistantContent(turn.parts, context);
  if (calls.length === 0 && content === null && refusal === '') return [];
  const details = context.traits.dialect.takesReasoningDetails ? encodeDetails(turn.parts) : undefined;
  const reasoning = details === undefined ? reasoningText(turn.parts, context) : undefined;
  return [
    {
      role: 'assistant',
      content,
      ...(refusal === '' ? {} : { refusal }),
      ...defined({ reasoning_details: details, reasoning_content: reasoning }),
      ...defined({ name: context.isOwn ? turn.name : undefined }),
      ...(calls.length === 0 ? {} : { tool_calls: calls.map((call) => encodeCall(call, context)) }),
    },
  ];
}

function assistantContent(parts: readonly Part[], context: MessageContext): JsonObject[string] {
  const texts = parts.filter((part) => part.type === 'text');
  const unknown = parts.filter((part) => part.type === 'unknown' && part.asText === undefined);
  if (unknown.length > 0 && !context.isOwn) context.losses.add('block_dropped');
  const kept = texts.filter((part) => part.text.trim() !== '' || context.isOwn);
  if (kept.length === 0) return null;
  if (context.isOwn)
    return contentOf(
      parts.filter((part) => part.type === 'text' || part.type === 'unknown'),
      context,
    );
  // Cited answers are one sentence in pieces; other blocks are paragraphs.
  const isCited = kept.some((part) => part.citations !== undefined);
  return kept.map((part) => part.text).join(isCited ? '' : '\n\n');
}

/** Only text of this protocol's own upstreams goes back; a model imitates foreign reasoning, and some refuse it. */
function reasoningText(parts: readonly Part[], { traits }: MessageContext): string | undefined {
  if (!traits.takesReasoningText) return undefined;
  const texts = parts.flatMap((part) =>
    part.type === 'reasoning' && part.origin?.protocol === 'openai-chat' ? [part.text] : [],
  );
  return texts.length === 0 ? undefined : texts.join('\n\n');
}

function encodeCall(call: ToolCallPart, context: MessageContext): JsonObject {
  const id = callId(call.id, context);
  if (context.isOwn && call.extra?.['custom'] === true) {
    const input = asString(asObject(parseArguments(call.argumentsText))?.['input']) ?? '';
    return { id, type: 'custom', custom: { name: call.name, input } };
  }
  const name = context.isOwn ? call.name : encodeName(call.name, maxNameLength);
  const argumentsText = call.argumentsText === '' && !context.isOwn ? '{}' : call.argumentsText;
  const signature = context.isOwn ? encodeCallSignature(call) : {};
  return { id, type: 'function', function: { name, arguments: argumentsText }, ...signature };
}

function parseArguments(text: string): JsonObject[string] | undefined {
  try {
    return JSON.parse(text) as JsonObject[string];
  } catch {
    return undefined;
  }
}
