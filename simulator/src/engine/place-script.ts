import { onlyDirectives } from './directives.ts';
import type { SimulatedCall } from './simulated-call.ts';

/** A turn as a script sees it: what a user said, or that the model has answered. */
export type ScriptTurn =
  | { readonly role: 'user'; readonly text: string }
  | { readonly role: 'model' }
  | { readonly role: 'other' };

export interface ScriptPlace {
  /** The user text that holds the script. */
  readonly text: string;
  /** How often the model has answered since. */
  readonly step: number;
}

const STEP_MARK = '[[next]]';

/**
 * Where a conversation stands in its script, which is that of the last user text with directives. Agents add user texts
 * of their own between the steps, so what was said last is not enough to go by.
 */
export function placeScript(turns: readonly ScriptTurn[]): { readonly script?: ScriptPlace } {
  const at = turns.findLastIndex((turn) => turn.role === 'user' && onlyDirectives(turn.text) !== '');
  const found = turns[at];
  if (found?.role !== 'user' || !found.text.includes(STEP_MARK)) return {};
  const since = turns.slice(at + 1);
  // What one answer is made of may come as several turns in a row.
  const isStart = (index: number): boolean =>
    since[index]?.role === 'model' && since[index - 1]?.role !== 'model';
  return { script: { text: found.text, step: since.filter((_, index) => isStart(index)).length } };
}

/**
 * The call with the directives of its script's present step as all that the user said: words around them, which agents
 * add to, ask for nothing. Past the last step, and without a script, the call as it is.
 */
export function atItsStep(call: SimulatedCall): SimulatedCall {
  const step = call.script?.text.split(STEP_MARK)[call.script.step];
  if (step === undefined) return call;
  return { ...call, lastUserText: onlyDirectives(step), endsWithToolResults: false };
}
