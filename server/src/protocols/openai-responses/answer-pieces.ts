import type { TokenLogprob } from '../canonical/events.ts';
import { wordTable } from '../canonical/word-table.ts';

/** Events that bring a piece of an item, or the whole of it when it is done: what it is, and where it says so. */
export interface Piece {
  readonly kind: 'text' | 'refusal' | 'summary' | 'raw' | 'arguments' | 'input' | 'annotation';
  readonly key: string;
  readonly value: string;
  /** Of a text's tokens, where they were asked for. */
  readonly logprobs?: readonly TokenLogprob[];
}

interface PieceHandling {
  readonly kind: Piece['kind'];
  readonly itemType: string;
  readonly placeField: string;
  readonly doneField: string;
}

function handling(kind: Piece['kind'], itemType: string, fields: readonly [string, string]): PieceHandling {
  return { kind, itemType, placeField: fields[0], doneField: fields[1] };
}

const text = handling('text', 'message', ['content_index', 'text']);
const refusal = handling('refusal', 'message', ['content_index', 'refusal']);
const summary = handling('summary', 'reasoning', ['summary_index', 'text']);
const raw = handling('raw', 'reasoning', ['content_index', 'text']);
const args = handling('arguments', 'function_call', ['', 'arguments']);
const input = handling('input', 'custom_tool_call', ['', 'input']);

export const pieces = wordTable<PieceHandling>({
  'response.output_text.delta': text,
  'response.output_text.done': text,
  'response.output_text.annotation.added': handling('annotation', 'message', ['content_index', '']),
  'response.refusal.delta': refusal,
  'response.refusal.done': refusal,
  'response.reasoning_summary_text.delta': summary,
  'response.reasoning_summary_text.done': summary,
  'response.reasoning_text.delta': raw,
  'response.reasoning_text.done': raw,
  'response.function_call_arguments.delta': args,
  'response.function_call_arguments.done': args,
  'response.custom_tool_call_input.delta': input,
  'response.custom_tool_call_input.done': input,
});
