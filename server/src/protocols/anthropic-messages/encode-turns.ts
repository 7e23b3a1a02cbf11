import type { CanonicalRequest, JsonObject, Part, TextPart, Turn } from '../canonical/request.ts';
import { placeholderText, repairTurns, wrapSystemText } from '../canonical/repair-turns.ts';
import { compact, encodeParts, type BlockContext } from './encode-blocks.ts';
import type { ModelTraits } from './model-traits.ts';

/** Turns to messages: results first, same roles merged, a user turn in front, no empty content. */
interface Draft {
  readonly role: 'user' | 'assistant' | 'system';
  readonly blocks: JsonObject[];
}

export function encodeMessages(
  request: CanonicalRequest,
  traits: ModelTraits,
  context: BlockContext,
): readonly JsonObject[] {
  const drafts: Draft[] = [];
  for (const turn of repairTurns(request.turns, context.losses)) {
    addTurn(drafts, encodeTurn(turn, traits, context));
  }
  if (!context.isOwn) {
    if (drafts[0]?.role !== 'user') drafts.unshift(placeholder());
    checkPrefill(drafts, traits, context);
  }
  return drafts.map(({ role, blocks }) => ({ role, content: compact(blocks) }));
}

/** System text as blocks; a lone plain one as a string. */
export function encodeSystem(parts: readonly TextPart[], context: BlockContext): JsonObject {
  const blocks = encodeParts(parts, context);
  return blocks.length === 0 ? {} : { system: compact(blocks) };
}

function placeholder(): Draft {
  return { role: 'user', blocks: [{ type: 'text', text: placeholderText }] };
}

function encodeTurn(turn: Turn, traits: ModelTraits, context: BlockContext): Draft {
  const isInstruction = turn.role === 'system' || turn.role === 'developer';
  if (isInstruction && !context.isOwn && !traits.takesSystemTurns) {
    context.losses.add('system_turn_wrapped');
    const text = wrapSystemText(plainText(turn.parts));
    return { role: 'user', blocks: [{ type: 'text', text }] };
  }
  const blocks = encodeParts(turn.parts, context);
  if (turn.role === 'assistant') return { role: 'assistant', blocks };
  return { role: isInstruction ? 'system' : 'user', blocks };
}

function plainText(parts: readonly Part[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}

function addTurn(drafts: Draft[], next: Draft): void {
  const last = drafts.at(-1);
  if (last?.role === next.role) {
    last.blocks.push(...next.blocks);
    return;
  }
  if (next.blocks.length === 0) {
    if (next.role !== 'user') return;
    next.blocks.push({ type: 'text', text: placeholderText });
  }
  drafts.push(next);
}

/** The client began the answer. Older models go on where it ends, newer ones refuse the request. */
function checkPrefill(drafts: readonly Draft[], traits: ModelTraits, context: BlockContext): void {
  const last = drafts.at(-1);
  if (last?.role !== 'assistant') return;
  if (!traits.takesPrefill) {
    context.losses.add('prefill_refused');
    return;
  }
  const text = last.blocks.at(-1);
  if (text?.['type'] === 'text' && typeof text['text'] === 'string') {
    last.blocks[last.blocks.length - 1] = { ...text, text: text['text'].trimEnd() };
  }
}
