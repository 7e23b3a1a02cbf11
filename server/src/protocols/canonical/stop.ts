import type { StopReason } from './events.ts';

/** Reasons that say the answer was cut or withheld; they stand even when a tool call was sent. */
const cutShort: ReadonlySet<StopReason> = new Set([
  'length',
  'context-full',
  'refusal',
  'filter',
  'malformed',
]);

/** Stops that explain an answer without content; any other empty answer is the upstream's fault. */
export const emptyByIntent: ReadonlySet<StopReason> = new Set([
  'refusal',
  'filter',
  'length',
  'context-full',
  'stop-sequence',
  'pause',
]);

/**
 * Why the answer ended, decided by what it holds and not by the upstream's word: servers say `stop` after tool calls,
 * and `tool_calls` without one. A client that is told `end` does not run the tool it was sent.
 */
export function settleStop(reported: StopReason, hasToolCalls: boolean): StopReason {
  if (cutShort.has(reported)) return reported;
  if (hasToolCalls) return 'tool-calls';
  return reported === 'tool-calls' ? 'end' : reported;
}
