import { asObject } from '../canonical/read-json.ts';
import { placeholderText, repairTurns, wrapSystemText } from '../canonical/repair-turns.ts';
import type {
  CanonicalRequest,
  JsonObject,
  Opaque,
  Part,
  ReasoningPart,
  ToolCallPart,
  Turn,
} from '../canonical/request.ts';
import { encodeCall, encodeMedia, encodeResponse } from './encode-parts.ts';
import type { EncodeContext } from './encode-tools.ts';
import { signsCalls } from './model-traits.ts';
import { isOwn as isOwnSignature, standIn } from './thought-signatures.ts';

/** Turns to contents: same roles merged, responses first, a user's content in front, signatures where they belong. */
interface Draft {
  readonly role: 'user' | 'model';
  readonly parts: JsonObject[];
}

interface ContentContext extends EncodeContext {
  readonly model: string;
  readonly nameOf: (callId: string) => string | undefined;
}

export function encodeContents(request: CanonicalRequest, encoding: EncodeContext): readonly JsonObject[] {
  const turns = repairTurns(request.turns, encoding.losses);
  const context = { ...encoding, model: request.model, nameOf: callNames(turns) };
  const drafts: Draft[] = [];
  for (const turn of turns) addTurn(drafts, encodeTurn(turn, context), context);
  if (!context.isOwn) {
    if (drafts[0]?.role !== 'user') drafts.unshift({ role: 'user', parts: [{ text: placeholderText }] });
    if (drafts.at(-1)?.role === 'model') context.losses.add('prefill_weakened');
  }
  return drafts.map(({ role, parts }) => ({ role, parts }));
}

/** Responses repeat the name of their function, which other protocols do not send along. */
function callNames(turns: readonly Turn[]): (callId: string) => string | undefined {
  const names = new Map<string, string>();
  for (const part of turns.flatMap((turn) => turn.parts)) {
    if (part.type === 'tool-call') names.set(part.id, part.name);
  }
  return (callId) => names.get(callId);
}

function addTurn(drafts: Draft[], next: Draft, { isOwn, losses }: ContentContext): void {
  const last = drafts.at(-1);
  if (last?.role === next.role) {
    last.parts.push(...next.parts);
    return;
  }
  if (next.parts.length > 0) drafts.push(next);
  else if (next.role === 'user' && !isOwn) {
    losses.add('empty_turn_filled');
    drafts.push({ role: 'user', parts: [{ text: placeholderText }] });
  }
}

function encodeTurn(turn: Turn, context: ContentContext): Draft {
  if (turn.role === 'assistant') return { role: 'model', parts: encodeModelParts(turn.parts, context) };
  if (turn.role === 'system' || turn.role === 'developer') {
    context.losses.add('system_turn_wrapped');
    const text = turn.parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
    return { role: 'user', parts: [{ text: wrapSystemText(text) }] };
  }
  const moved: JsonObject[] = [];
  const parts = turn.parts.flatMap((part) => encodeUserPart(part, { ...context, moved }));
  if (moved.length > 0) context.losses.add('tool_result_media_moved');
  return { role: 'user', parts: [...parts, ...moved] };
}

function encodeUserPart(
  part: Part,
  context: ContentContext & { readonly moved: JsonObject[] },
): readonly JsonObject[] {
  if (part.type !== 'tool-result') return encodePlain(part, context);
  const own = context.isOwn ? part.name : undefined;
  return [encodeResponse(part, own ?? context.nameOf(part.callId) ?? part.name ?? 'unknown', context)];
}

function encodePlain(part: Part, context: ContentContext): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      if (part.text.trim() === '' && !context.isOwn) return [];
      return [{ text: part.text, ...(context.isOwn ? part.extra : {}) }];
    case 'refusal':
      return part.text.trim() === '' ? [] : [{ text: part.text }];
    case 'image':
    case 'document':
    case 'audio':
    case 'video': {
      const media = encodeMedia(part, context);
      return media === undefined ? [] : [media];
    }
    case 'unknown':
      if (part.protocol === 'gemini') return [asObject(part.data) ?? {}];
      if (part.asText !== undefined) return [{ text: part.asText }];
      context.losses.add('block_dropped');
      return [];
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
      break;
  }
  return [];
}

/** A signature without words belongs to the call after it, else to the text before it. */
function encodeModelParts(parts: readonly Part[], context: ContentContext): JsonObject[] {
  const encoded: JsonObject[] = [];
  let waiting: Opaque | undefined;
  let hasCall = false;
  for (const part of parts) {
    if (part.type === 'reasoning') {
      if (part.text === '') waiting = part.opaque ?? waiting;
      else encoded.push(...encodeThought(part, context));
    } else if (part.type === 'tool-call') {
      encoded.push(encodeCall(part, callSignature(part, waiting, { ...context, hasCall }), context));
      waiting = undefined;
      hasCall = true;
    } else {
      signText(encoded, waiting, context);
      waiting = undefined;
      encoded.push(...encodePlain(part, context));
    }
  }
  signText(encoded, waiting, context);
  return encoded;
}

/** The provider's own thoughts go back; a model imitates the reasoning of another. */
function encodeThought(part: ReasoningPart, context: ContentContext): readonly JsonObject[] {
  const { opaque, origin, text } = part;
  if (origin?.protocol !== 'gemini') return [];
  const signature = opaque === undefined ? undefined : kept(opaque, context);
  return [{ text, thought: true, ...(signature === undefined ? {} : { thoughtSignature: signature }) }];
}

/** Signatures hold between models from the third generation on. */
function kept(opaque: Opaque, { model, isOwn }: ContentContext): string | undefined {
  if (!isOwnSignature(opaque)) return undefined;
  if (isOwn) return opaque.value;
  const isSame = opaque.origin.model === model;
  return isSame || (signsCalls(opaque.origin.model) && signsCalls(model)) ? opaque.value : undefined;
}

/** The first call of a step is signed: with the provider's signature, or the stand-in for a call that is not its own. */
function callSignature(
  part: ToolCallPart,
  waiting: Opaque | undefined,
  context: ContentContext & { readonly hasCall: boolean },
): string | undefined {
  const opaque = part.opaque ?? waiting;
  const own = opaque === undefined ? undefined : kept(opaque, context);
  if (own !== undefined || context.hasCall || context.isOwn) return own;
  return context.traits.needsSignatures ? standIn : undefined;
}

function signText(encoded: JsonObject[], opaque: Opaque | undefined, context: ContentContext): void {
  const signature = opaque === undefined ? undefined : kept(opaque, context);
  if (signature === undefined) return;
  const last = encoded.at(-1);
  const isOpenText =
    last?.['text'] !== undefined && last['thought'] === undefined && last['thoughtSignature'] === undefined;
  if (isOpenText) encoded[encoded.length - 1] = { ...last, thoughtSignature: signature };
  else encoded.push({ text: '', thoughtSignature: signature });
}
