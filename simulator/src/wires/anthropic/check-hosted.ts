import { isArray, isObject, objectsOf, textOr } from '../shape.ts';
import type { Encryption } from './hosted-blocks.ts';
import { refuse } from './refusals.ts';
import type { Turn, TurnBlock } from './turns.ts';

const USE_ID = /^srvtoolu_[a-zA-Z0-9_]+$/;

/** Calls of the provider's tools that come back: whole, in pairs, and with what only the provider could encrypt. */
export function checkReturnedHosted(turns: readonly Turn[], encryption: Encryption): void {
  const last = turns.findLast((turn) => turn.role === 'assistant');
  for (const turn of turns) {
    if (turn.role === 'assistant') checkPairs(turn, turn === last);
    for (const placed of turn.blocks) {
      checkResults(placed, encryption);
      checkCitations(placed, encryption);
    }
  }
}

/** A call of the last turn may wait for its result while the client answers calls of its own (recorded 2026). */
function checkPairs(turn: Turn, isLast: boolean): void {
  const open = new Map<string, string>();
  for (const { block, path } of turn.blocks) {
    const type = textOr(block['type']);
    if (type === 'server_tool_use') {
      const id = textOr(block['id']);
      if (!USE_ID.test(id)) {
        refuse(`${path}.server_tool_use.id: String should match pattern '${USE_ID.source}'`);
      }
      if (!isObject(block['input'])) {
        refuse(`${path}.server_tool_use.input: Input should be a valid dictionary`);
      }
      open.set(id, textOr(block['name']));
    }
    const isResult = type.endsWith('_tool_result') && type !== 'mcp_tool_result';
    const of = textOr(block['tool_use_id']);
    if (isResult && !open.delete(of)) {
      refuse(`${path}: unexpected \`tool_use_id\` found in \`${type}\` blocks: ${of}.`);
    }
  }
  const [unanswered] = open;
  if (unanswered === undefined || isLast) return;
  const [id, name] = unanswered;
  refuse(
    `messages.${turn.index}: \`${name}\` tool use with id \`${id}\` was found without a corresponding \`${name}_tool_result\` block`,
  );
}

function checkResults({ block, path }: TurnBlock, encryption: Encryption): void {
  if (block['type'] !== 'web_search_tool_result') return;
  for (const [index, result] of objectsOf(block['content']).entries()) {
    if (encryption.isOwn(textOr(result['encrypted_content']))) continue;
    refuse(
      `${path}.web_search_tool_result.content.${index}: Invalid \`encrypted_content\` in \`search_result\` block`,
    );
  }
}

function checkCitations({ block, path }: TurnBlock, encryption: Encryption): void {
  if (block['type'] !== 'text' || !isArray(block['citations'])) return;
  for (const [index, citation] of objectsOf(block['citations']).entries()) {
    if (citation['type'] !== 'web_search_result_location') continue;
    if (encryption.isOwn(textOr(citation['encrypted_index']))) continue;
    refuse(`${path}.text.citations.${index}: Invalid \`encrypted_index\` in \`web_search_result_location\``);
  }
}
