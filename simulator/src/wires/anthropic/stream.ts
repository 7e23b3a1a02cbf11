import type { StreamFrame } from '../../engine/exchange.ts';
import type { JsonObject, SimulatedAnswer } from '../../engine/simulated-call.ts';
import { objectsOf, textOr } from '../shape.ts';
import { envelope, renderBlocks, renderStop, renderTotals, renderUsage } from './render.ts';
import type { Rendering } from './render.ts';

const TOKENS_BETWEEN_PINGS = 64;

/** Every event of the wire, in its order; deltas are token frames, all else is lifecycle. */
export function* streamMessage(answer: SimulatedAnswer, rendering: Rendering): Iterable<StreamFrame> {
  const startUsage = {
    ...renderUsage(answer, rendering),
    output_tokens: Math.min(1, answer.usage.output),
    output_tokens_details: null,
    // What searches feed the model is not known yet.
    input_tokens: answer.usage.input,
    server_tool_use: null,
  };
  const message = { ...envelope(answer, rendering), stop_details: null, usage: startUsage };
  yield lifecycle('message_start', { message });
  let sincePing = TOKENS_BETWEEN_PINGS;
  for (const [index, block] of renderBlocks(answer, rendering).entries()) {
    yield lifecycle('content_block_start', { index, content_block: emptyBlock(block) });
    for (const delta of deltasOf(block, answer)) {
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

function* deltasOf(block: JsonObject, answer: SimulatedAnswer): Iterable<Delta> {
  switch (textOr(block['type'])) {
    case 'text':
      // Sources come before the words that rest on them (recorded 2025-09).
      for (const citation of objectsOf(block['citations'])) yield { type: 'citations_delta', citation };
      for (const text of answer.tokensOf(textOr(block['text']))) yield { type: 'text_delta', text };
      return;
    case 'thinking':
      for (const thinking of answer.tokensOf(textOr(block['thinking'])))
        yield { type: 'thinking_delta', thinking };
      yield { type: 'signature_delta', signature: textOr(block['signature']) };
      return;
    case 'tool_use':
    case 'server_tool_use': {
      yield { type: 'input_json_delta', partial_json: '' };
      const { input } = block;
      // A call without arguments sends no more than that.
      const written = typeof input === 'string' ? input : JSON.stringify(input);
      if (written === '{}') return;
      for (const json of answer.tokensOf(written)) yield { type: 'input_json_delta', partial_json: json };
      return;
    }
    default:
      // Results come whole with their start.
      return;
  }
}

/** The block as it looks before anything is in it. */
function emptyBlock(block: JsonObject): JsonObject {
  return {
    ...block,
    ...(block['text'] === undefined ? {} : { text: '' }),
    ...(Array.isArray(block['citations']) ? { citations: [] } : {}),
    ...(block['thinking'] === undefined ? {} : { thinking: '', signature: '' }),
    ...(block['input'] === undefined ? {} : { input: {} }),
  };
}

function lifecycle(type: string, fields: JsonObject): StreamFrame {
  return event(type, fields, false);
}

function event(type: string, fields: JsonObject, isToken: boolean): StreamFrame {
  return { text: `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`, isToken };
}
