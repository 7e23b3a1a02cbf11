import type { StreamFrame } from '../../engine/exchange.ts';
import type { Json, JsonObject, SimulatedAnswer, SimulatedBlock } from '../../engine/simulated-call.ts';
import { envelope, renderStop, renderTotals, renderUsage } from './render.ts';
import type { Rendering } from './render.ts';

const TOKENS_BETWEEN_PINGS = 64;

/** Every event of the wire, in its order; deltas are token frames, all else is lifecycle. */
export function* streamMessage(answer: SimulatedAnswer, rendering: Rendering): Iterable<StreamFrame> {
  const startUsage = {
    ...renderUsage(answer, rendering),
    output_tokens: Math.min(1, answer.usage.output),
    output_tokens_details: null,
  };
  const message = { ...envelope(answer, rendering), stop_details: null, usage: startUsage };
  yield lifecycle('message_start', { message });
  let sincePing = TOKENS_BETWEEN_PINGS;
  for (const [index, block] of answer.blocks.entries()) {
    yield lifecycle('content_block_start', { index, content_block: emptyBlock(block) });
    for (const delta of deltasOf(block, answer, rendering)) {
      if (sincePing >= TOKENS_BETWEEN_PINGS) {
        sincePing = 0;
        yield lifecycle('ping', {});
      }
      sincePing += 1;
      yield event('content_block_delta', { index, delta }, delta.type !== 'signature_delta');
    }
    yield lifecycle('content_block_stop', { index });
  }
  const delta = { ...renderStop(answer), stop_details: null, container: null };
  yield lifecycle('message_delta', { delta, usage: renderTotals(answer) });
  yield lifecycle('message_stop', {});
}

type Delta = JsonObject & { readonly type: string };

function* deltasOf(block: SimulatedBlock, answer: SimulatedAnswer, rendering: Rendering): Iterable<Delta> {
  if (block.type === 'text') {
    for (const text of answer.tokensOf(block.text)) yield { type: 'text_delta', text };
    return;
  }
  if (block.type === 'thinking') {
    const shown = rendering.omitsThinking ? [] : answer.tokensOf(block.text);
    for (const thinking of shown) yield { type: 'thinking_delta', thinking };
    yield {
      type: 'signature_delta',
      signature: rendering.omitsThinking ? rendering.omittedSignature : block.signature,
    };
    return;
  }
  yield { type: 'input_json_delta', partial_json: '' };
  // A call without arguments sends no more than that.
  const written = typeof block.input === 'string' ? block.input : JSON.stringify(block.input);
  if (written === '{}') return;
  for (const json of answer.tokensOf(written)) yield { type: 'input_json_delta', partial_json: json };
}

function emptyBlock(block: SimulatedBlock): Json {
  if (block.type === 'text') return { type: 'text', text: '', citations: null };
  if (block.type === 'thinking') return { type: 'thinking', thinking: '', signature: '' };
  return {
    type: 'tool_use',
    id: `toolu_01${block.id}`,
    name: block.name,
    input: {},
    caller: { type: 'direct' },
  };
}

function lifecycle(type: string, fields: JsonObject): StreamFrame {
  return event(type, fields, false);
}

function event(type: string, fields: JsonObject, isToken: boolean): StreamFrame {
  return { text: `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`, isToken };
}
