import type { LossList } from './losses.ts';
import type { Part, ToolResultPart, Turn } from './request.ts';

/**
 * Puts the results of tool calls where every wire wants them: directly after the assistant turn that called, all of
 * them, and nothing in between. What stood in between follows after. Histories written by clients break this in known
 * ways (aborted turns, instructions slipped in, summaries that cut a call off); each has one fixed repair.
 */
export function repairTurns(turns: readonly Turn[], losses: LossList): readonly Turn[] {
  const repaired: Turn[] = [];
  let open = new Set<string>();
  let results: ToolResultPart[] = [];
  let held: Turn[] = [];
  const answered = new Map<string, ToolResultPart>();

  const closeCalls = (): void => {
    for (const callId of open) {
      losses.add('missing_tool_result_added');
      results.push(missingResult(callId));
    }
    if (results.length > 0) repaired.push({ role: 'tool', parts: results });
    repaired.push(...held);
    open = new Set();
    results = [];
    held = [];
  };

  for (const turn of turns) {
    if (turn.role === 'assistant') {
      closeCalls();
      repaired.push(turn);
      open = new Set(turn.parts.flatMap((part) => (part.type === 'tool-call' ? [part.id] : [])));
      continue;
    }
    const rest: Part[] = [];
    for (const part of turn.parts) {
      if (part.type !== 'tool-result') rest.push(part);
      else if (open.delete(part.callId)) {
        results.push(part);
        answered.set(part.callId, part);
      } else if (!isRepeated(part, answered)) rest.push(...orphanAsText(part, losses));
    }
    if (rest.length > 0 || turn.parts.length === 0)
      held.push({ ...turn, role: userWhenTool(turn), parts: rest });
    if (open.size === 0) closeCalls();
  }
  closeCalls();
  return repaired;
}

function userWhenTool(turn: Turn): Turn['role'] {
  return turn.role === 'tool' ? 'user' : turn.role;
}

function missingResult(callId: string): ToolResultPart {
  const text = { type: 'text', text: 'No result provided.' } as const;
  return { type: 'tool-result', callId, parts: [text], isError: true };
}

/** A resumed session of Gemini CLI (0.61.0, 2026-11) says every result twice; once is all there is to say. */
function isRepeated(result: ToolResultPart, answered: ReadonlyMap<string, ToolResultPart>): boolean {
  const earlier = answered.get(result.callId);
  return earlier !== undefined && JSON.stringify(earlier) === JSON.stringify(result);
}

function orphanAsText(result: ToolResultPart, losses: LossList): readonly Part[] {
  losses.add('orphan_tool_result_as_text');
  return [{ type: 'text', text: 'Tool result:' }, ...result.parts];
}

/** Sent where a wire demands content and the client gave none; fixed, so that prompt caches hold. */
export const placeholderText = '(continue)';

/** How an instruction in the middle of a conversation is marked for a model that takes none there. */
export function wrapSystemText(text: string): string {
  return `<system>\n${text}\n</system>`;
}
