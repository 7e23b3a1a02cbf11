import type { JsonObject } from '../../engine/simulated-call.ts';
import { isArray, objectsOf, textOr } from '../shape.ts';

export interface Turn {
  readonly role: string;
  /** Where the turn's first message stands in `messages`. */
  readonly index: number;
  readonly blocks: readonly TurnBlock[];
}

export interface TurnBlock {
  readonly block: JsonObject;
  /** `messages.3.content.0`, as the provider points at it. */
  readonly path: string;
}

/** The conversation as the provider reads it: text as a block, consecutive messages of one role as one turn. */
export function turnsOf(body: JsonObject): readonly Turn[] {
  const turns: { role: string; index: number; blocks: TurnBlock[] }[] = [];
  for (const [index, message] of objectsOf(body['messages']).entries()) {
    const role = textOr(message['role']);
    const content = message['content'];
    const blocks = isArray(content) ? objectsOf(content) : [{ type: 'text', text: textOr(content) }];
    const placed = blocks.map((block, at) => ({ block, path: `messages.${index}.content.${at}` }));
    const last = turns.at(-1);
    if (last?.role === role) last.blocks.push(...placed);
    else turns.push({ role, index, blocks: placed });
  }
  return turns;
}

export function blocksOfType(turn: Turn | undefined, type: string): readonly TurnBlock[] {
  return turn?.blocks.filter(({ block }) => block['type'] === type) ?? [];
}

/** Text and the other blocks of `system`. */
export function systemBlocks(body: JsonObject): readonly JsonObject[] {
  const system = body['system'];
  if (typeof system === 'string') return [{ type: 'text', text: system }];
  return objectsOf(system);
}
