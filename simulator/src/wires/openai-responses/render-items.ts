import type { JsonObject, SimulatedAnswer, SimulatedBlock } from '../../engine/simulated-call.ts';
import { logprobsOf } from '../openai/index.ts';
import { annotationsOf } from './hosted-tools.ts';
import type { Seal } from './sealed-text.ts';
import type { OpenedTool } from './to-call.ts';

export interface ItemRendering {
  readonly seal: Seal;
  readonly tools: readonly OpenedTool[];
  readonly isRefusal: boolean;
  readonly showsSummary: boolean;
  readonly showsPhase: boolean;
  readonly topLogprobs?: number;
}

/** One output item in its final form. */
export function renderItem(
  block: SimulatedBlock,
  place: { readonly answer: SimulatedAnswer; readonly index: number },
  rendering: ItemRendering,
): JsonObject {
  const { answer, index } = place;
  const suffix = `${answer.id}${index.toString(16).padStart(2, '0')}`;
  // Only the item that was being written when the limit came is incomplete.
  const isCut = answer.stop === 'length' && index === answer.blocks.length - 1;
  const status = isCut ? 'incomplete' : 'completed';
  if (block.type === 'thinking') {
    return {
      id: `rs_${suffix}`,
      type: 'reasoning',
      summary: rendering.showsSummary ? [{ type: 'summary_text', text: block.text }] : [],
      content: [],
      encrypted_content: rendering.seal.seal(block.text),
    };
  }
  if (block.type === 'text') {
    const isLast = index === answer.blocks.length - 1;
    return {
      id: `msg_${suffix}`,
      type: 'message',
      status,
      role: 'assistant',
      ...(rendering.showsPhase ? { phase: isLast ? 'final_answer' : 'commentary' } : {}),
      content: [renderPart(block.text, answer, rendering)],
    };
  }
  return renderCall(block, suffix, rendering);
}

function renderPart(text: string, answer: SimulatedAnswer, rendering: ItemRendering): JsonObject {
  if (rendering.isRefusal) return { type: 'refusal', refusal: text };
  const logprobs =
    rendering.topLogprobs === undefined ? [] : logprobsOf(answer.tokensOf(text), rendering.topLogprobs);
  return { type: 'output_text', annotations: annotationsOf(answer.citations), logprobs, text };
}

function renderCall(
  call: Extract<SimulatedBlock, { readonly type: 'tool-call' }>,
  suffix: string,
  rendering: ItemRendering,
): JsonObject {
  const tool = rendering.tools.find(({ name }) => name === call.name);
  const named = {
    call_id: `call_${call.id}`,
    name: call.name,
    ...(tool?.namespace === undefined ? {} : { namespace: tool.namespace }),
  };
  const written = typeof call.input === 'string' ? call.input : JSON.stringify(call.input);
  return tool?.isFreeText === true
    ? { id: `ctc_${suffix}`, type: 'custom_tool_call', status: 'completed', input: written, ...named }
    : { id: `fc_${suffix}`, type: 'function_call', status: 'completed', arguments: written, ...named };
}
