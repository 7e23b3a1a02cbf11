import type { JsonObject } from '../../engine/simulated-call.ts';
import { isObject, objectsOf, textOr } from '../shape.ts';
import type { ModelRules } from './models.ts';
import { refuse } from './refusals.ts';
import { blocksOfType } from './turns.ts';
import type { Turn } from './turns.ts';

/** Declared tools and the choice among them. */
export function checkTools(body: JsonObject, model: ModelRules): void {
  const tools = objectsOf(body['tools']);
  const names = tools.map((tool) => textOr(tool['name'])).filter((name) => name !== '');
  if (new Set(names).size !== names.length) refuse('tools: Tool names must be unique.');
  for (const [index, tool] of tools.entries()) {
    const schema = tool['input_schema'];
    if (!isObject(schema)) continue;
    if (schema['type'] === undefined) refuse(`tools.${index}.custom.input_schema.type: Field required`);
    if (schema['type'] !== 'object')
      refuse(`tools.${index}.custom.input_schema.type: Input should be 'object'`);
  }
  const choice = body['tool_choice'];
  if (!isObject(choice)) return;
  if (tools.length === 0 && choice['type'] !== 'none')
    refuse('tool_choice: `tool_choice` may only be specified while providing `tools`.');
  const isForced = choice['type'] === 'any' || choice['type'] === 'tool';
  if (choice['type'] === 'tool' && !names.includes(textOr(choice['name']))) {
    refuse(`tool_choice: Tool '${textOr(choice['name'])}' not found in provided tools`);
  }
  if (isForced && !model.takesForcedTools) {
    refuse(
      `tool_choice: \`tool_choice.type\` "${textOr(choice['type'])}" is not supported by ${model.id}, which thinks before it calls. Use "auto".`,
    );
  }
}

/** Every call is answered in the next user turn, first of all; every answer has its call just before. */
export function checkToolPairs(turns: readonly Turn[]): void {
  const spoken = turns.filter((turn) => turn.role !== 'system');
  for (const [index, turn] of spoken.entries()) {
    const ids = idsOf(turn, 'tool_use', 'id');
    // Unique within a turn; histories that repeat an id later are taken (recorded 2026-08).
    if (new Set(ids).size < ids.length) refuse('messages: `tool_use` ids must be unique');
    if (turn.role === 'assistant') checkAnswered(turn, spoken[index + 1], ids);
    if (turn.role === 'user') checkAsked(turn, spoken[index - 1]);
  }
}

function checkAnswered(turn: Turn, next: Turn | undefined, ids: readonly string[]): void {
  const other = next?.blocks.findIndex(({ block }) => block['type'] !== 'tool_result') ?? -1;
  const leading = next === undefined ? [] : next.blocks.slice(0, other < 0 ? undefined : other);
  const answered = leading.map(({ block }) => textOr(block['tool_use_id']));
  const missing = ids.filter((id) => !answered.includes(id));
  if (missing.length === 0) return;
  refuse(
    `messages.${turn.index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. ` +
      'Each `tool_use` block must have a corresponding `tool_result` block in the next message.',
  );
}

function checkAsked(turn: Turn, previous: Turn | undefined): void {
  const asked = previous?.role === 'assistant' ? idsOf(previous, 'tool_use', 'id') : [];
  const answered = new Set<string>();
  for (const { block, path } of blocksOfType(turn, 'tool_result')) {
    const id = textOr(block['tool_use_id']);
    if (!asked.includes(id)) {
      refuse(
        `${path}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. ` +
          'Each `tool_result` block must have a corresponding `tool_use` block in the previous message.',
      );
    }
    if (answered.has(id)) {
      refuse(
        `${path}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`,
      );
    }
    answered.add(id);
  }
}

function idsOf(turn: Turn, type: string, field: string): readonly string[] {
  return blocksOfType(turn, type).map(({ block }) => textOr(block[field]));
}
