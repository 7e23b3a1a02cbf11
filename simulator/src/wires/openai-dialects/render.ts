import type { JsonObject, SimulatedAnswer, SimulatedBlock } from '../../engine/simulated-call.ts';
import type { AnswerStyle } from './server.ts';

export interface Rendering {
  readonly style: AnswerStyle;
  readonly model: string;
  readonly createdAt: number;
  readonly includesUsage: boolean;
}

export function renderCompletion(answer: SimulatedAnswer, rendering: Rendering): JsonObject {
  const { style } = rendering;
  const calls = answer.blocks.filter((block) => block.type === 'tool-call');
  return {
    ...headOf(answer, rendering, 'chat.completion'),
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          ...saidBy(answer, style),
          ...(calls.length === 0
            ? {}
            : { tool_calls: calls.map((call, position) => callOf(call, position, style)) }),
        },
        finish_reason: finishOf(answer, style),
      },
    ],
    ...sourcesOf(style),
    usage: usageOf(answer, style),
  };
}

export function headOf(answer: SimulatedAnswer, { model, createdAt }: Rendering, object: string): JsonObject {
  return { id: answer.id, object, created: createdAt, model };
}

/** Content and thinking as this server tells them. */
function saidBy({ blocks }: SimulatedAnswer, style: AnswerStyle): JsonObject {
  const textOf = (type: 'text' | 'thinking'): string =>
    blocks.flatMap((block) => (block.type === type ? [block.text] : [])).join('');
  const [text, thinking] = [textOf('text'), textOf('thinking')];
  if (thinking === '') return { content: text === '' ? null : text };
  switch (style.thinking) {
    case 'blocks':
      return { content: [thinkingBlock(thinking), ...(text === '' ? [] : [{ type: 'text', text }])] };
    case 'tags':
      return { content: `<think>\n${thinking}\n</think>\n\n${text}` };
    case 'details':
      return { content: text, reasoning: thinking, reasoning_details: [detailOf(thinking)] };
    case 'hidden':
      return { content: text };
    case 'reasoning':
    case 'reasoning_content':
      break;
  }
  return { content: text === '' ? null : text, [style.thinking]: thinking };
}

export function thinkingBlock(text: string): JsonObject {
  return { type: 'thinking', thinking: [{ type: 'text', text }] };
}

export function detailOf(text: string): JsonObject {
  return { type: 'reasoning.text', text, format: 'unknown', index: 0 };
}

export function callOf(
  call: Extract<SimulatedBlock, { readonly type: 'tool-call' }>,
  position: number,
  style: AnswerStyle,
): JsonObject {
  return {
    id: style.callId(position, call.id, call.name),
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.input) },
  };
}

export function finishOf(answer: SimulatedAnswer, style: AnswerStyle): string {
  if (answer.stop === 'length') return 'length';
  return answer.stop === 'tool-calls' ? style.callFinish : 'stop';
}

export function sourcesOf({ isCumulative }: AnswerStyle): JsonObject {
  if (!isCumulative) return {};
  const address = 'https://example.com/source';
  return { citations: [address], search_results: [{ title: 'A source', url: address, date: null }] };
}

/** `outputTokens`: of a stream that is not over yet. */
export function usageOf(
  { usage }: SimulatedAnswer,
  style: AnswerStyle,
  outputTokens = usage.output,
): JsonObject {
  const prompt = usage.input + usage.cacheRead + usage.cacheWrite;
  const completion = style.isThinkingCounted ? outputTokens : outputTokens - usage.thinking;
  const cached =
    style.cacheField === 'details'
      ? { prompt_tokens_details: { cached_tokens: usage.cacheRead } }
      : { [style.cacheField]: usage.cacheRead };
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + outputTokens,
    ...cached,
    ...(usage.thinking === 0 ? {} : { completion_tokens_details: { reasoning_tokens: usage.thinking } }),
  };
}
