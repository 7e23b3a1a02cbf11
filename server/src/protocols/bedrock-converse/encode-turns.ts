import { placeholderText, repairTurns, wrapSystemText } from '../canonical/repair-turns.ts';
import type { CanonicalRequest, JsonObject, Part, TextPart, Turn } from '../canonical/request.ts';
import { spokenTexts } from '../canonical/spoken-texts.ts';
import { cachePoint, encodeParts, type BlockContext } from './encode-blocks.ts';

/** Turns to messages: user and assistant in turn, results first, a user turn in front, no empty content. */
interface Draft {
  readonly role: 'user' | 'assistant';
  readonly content: JsonObject[];
}

export function encodeMessages(request: CanonicalRequest, context: BlockContext): readonly JsonObject[] {
  const drafts: Draft[] = [];
  for (const turn of repairTurns(leadingTurns(request, context), context.losses)) {
    addTurn(drafts, encodeTurn(turn, context), context);
  }
  if (drafts[0]?.role !== 'user') drafts.unshift({ role: 'user', content: [{ text: placeholderText }] });
  for (const { content } of drafts) addTextToDocuments(content);
  checkPrefill(drafts, context);
  return drafts.map(({ role, content }) => ({ role, content }));
}

export function encodeSystem(parts: readonly TextPart[], context: BlockContext): readonly JsonObject[] {
  if (!context.traits.takesSystem) return [];
  return spokenTexts(parts).flatMap(({ text, cache }) => [{ text }, ...cachePoint(cache, 'system', context)]);
}

/** A model without a system prompt reads it at the head of the conversation. */
function leadingTurns(request: CanonicalRequest, { traits }: BlockContext): readonly Turn[] {
  const system = spokenTexts(request.system);
  if (traits.takesSystem || system.length === 0) return request.turns;
  return [{ role: 'user', parts: system }, ...request.turns];
}

function encodeTurn(turn: Turn, context: BlockContext): Draft {
  if (turn.role !== 'system' && turn.role !== 'developer') {
    const role = turn.role === 'assistant' ? 'assistant' : 'user';
    return { role, content: encodeParts(turn.parts, context) };
  }
  context.losses.add('system_turn_wrapped');
  return { role: 'user', content: [{ text: wrapSystemText(plainText(turn.parts)) }] };
}

function plainText(parts: readonly Part[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}

function addTurn(drafts: Draft[], next: Draft, context: BlockContext): void {
  const last = drafts.at(-1);
  if (last?.role === next.role) {
    last.content.push(...next.content);
    return;
  }
  if (next.content.length === 0) {
    if (next.role !== 'user') return;
    context.losses.add('empty_turn_filled');
    next.content.push({ text: placeholderText });
  }
  drafts.push(next);
}

/** The wire takes a document only beside a text. */
function addTextToDocuments(content: JsonObject[]): void {
  const hasDocument = content.some((block) => block['document'] !== undefined);
  if (hasDocument && !content.some((block) => block['text'] !== undefined)) {
    content.push({ text: placeholderText });
  }
}

/** The client began the answer. Some models go on where it ends, the others may start anew. */
function checkPrefill(drafts: readonly Draft[], { traits, losses }: BlockContext): void {
  const last = drafts.at(-1);
  if (last?.role !== 'assistant') return;
  if (!traits.takesPrefill) losses.add('prefill_weakened');
  const block = last.content.at(-1);
  if (typeof block?.['text'] === 'string') {
    last.content[last.content.length - 1] = { text: block['text'].trimEnd() };
  }
}
