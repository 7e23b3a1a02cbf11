import type { JsonObject } from '../../engine/simulated-call.ts';
import { textOr } from '../shape.ts';
import { checkImage } from './images.ts';
import type { ModelRules } from './models.ts';
import { refuse } from './refusals.ts';
import { blocksOfType, systemBlocks } from './turns.ts';
import type { Turn } from './turns.ts';

interface TurnRules {
  readonly version: string;
  readonly model: ModelRules;
  readonly betas: string;
}

const OF_SYSTEM = ['tool_addition', 'tool_removal'];
const OF_ASSISTANT = ['tool_use', 'thinking', 'redacted_thinking', 'server_tool_use'];

/** Order of roles, blocks where they belong, text that says something. */
export function checkTurns(turns: readonly Turn[], body: JsonObject, rules: TurnRules): void {
  const first = turns[0];
  if (first === undefined) refuse('messages: at least one message is required');
  if (first.role === 'system') {
    refuse(
      'messages: Unexpected role "system". The first message must use the "user" role; use the top-level `system` parameter for instructions at the start.',
    );
  }
  for (const block of systemBlocks(body)) {
    if (Array.isArray(body['system'])) checkText(block, 'system');
  }
  for (const [index, turn] of turns.entries()) {
    const isLast = index === turns.length - 1;
    checkBlocks(turn, isLast, rules);
  }
  const last = turns.at(-1);
  if (last?.role === 'assistant') checkPrefill(last, rules.model);
}

function checkBlocks(turn: Turn, isLast: boolean, { version, betas }: TurnRules): void {
  const isOpenEnd = isLast && turn.role === 'assistant';
  const isSilent =
    turn.blocks.length === 0 ||
    turn.blocks.every(({ block }) => block['type'] === 'text' && block['text'] === '');
  if (isSilent && !isOpenEnd) {
    refuse(
      `messages.${turn.index}: all messages must have non-empty content except for the optional final assistant message`,
    );
  }
  for (const { block, path } of turn.blocks) {
    const type = textOr(block['type']);
    if (turn.role !== 'user' && type === 'tool_result') {
      refuse(`messages.${turn.index}: \`tool_result\` blocks can only be in \`user\` messages`);
    }
    if (turn.role !== 'assistant' && OF_ASSISTANT.includes(type)) {
      refuse(`messages.${turn.index}: \`${type}\` blocks can only be in \`assistant\` messages`);
    }
    if (turn.role === 'system' && type !== 'text' && !OF_SYSTEM.includes(type)) {
      refuse(`${path}: \`${type}\` blocks are not allowed in \`system\` messages`);
    }
    const isToolChange = OF_SYSTEM.includes(type);
    if (isToolChange && (turn.role !== 'system' || !betas.includes('mid-conversation-tool-changes'))) {
      refuse(
        `${path}: \`${type}\` blocks can only be in \`system\` messages, with the beta mid-conversation-tool-changes`,
      );
    }
    if (turn.role === 'assistant' && type === 'image')
      refuse(`messages.${turn.index}: \`image\` blocks are not allowed in \`assistant\` messages`);
    if (version === '2026-10-21') checkNewestVersion(turn.role, block, path);
    if (type === 'text' && !isOpenEnd) checkText(block, 'messages');
    if (type === 'image') checkImage(block, path);
  }
}

function checkText(block: JsonObject, where: string): void {
  const text = textOr(block['text']);
  if (text === '') refuse(`${where}: text content blocks must be non-empty`);
  if (text.trim() === '') refuse(`${where}: text content blocks must contain non-whitespace text`);
}

function checkNewestVersion(role: string, block: JsonObject, path: string): void {
  if (role === 'assistant' && block['type'] === 'document') {
    refuse(
      `${path}: \`document\` blocks are not permitted in assistant turns with anthropic-version 2026-10-21`,
    );
  }
  const { citations } = block as { citations?: readonly unknown[] | null };
  if (role === 'user' && block['type'] === 'text' && Array.isArray(citations) && citations.length > 0) {
    refuse(
      `${path}.text.citations: citations are not permitted on user text blocks with anthropic-version 2026-10-21`,
    );
  }
}

function checkPrefill(turn: Turn, model: ModelRules): void {
  if (blocksOfType(turn, 'tool_use').length > 0) return;
  if (!model.takesPrefill) {
    refuse(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    );
  }
  const text = textOr(turn.blocks.at(-1)?.block['text']);
  if (text !== text.trimEnd())
    refuse('messages: final assistant content cannot end with trailing whitespace');
}
