import type { StreamFrame } from '../../engine/exchange.ts';
import type { JsonObject, SimulatedAnswer, SimulatedBlock } from '../../engine/simulated-call.ts';
import { dataFrame, doneFrame } from '../openai/index.ts';
import { callOf, detailOf, finishOf, headOf, sourcesOf, thinkingBlock, usageOf } from './render.ts';
import type { Rendering } from './render.ts';

interface Piece {
  readonly delta: JsonObject;
  readonly isToken: boolean;
}

/** The whole stream as this server sends it. */
export function* streamCompletion(answer: SimulatedAnswer, rendering: Rendering): Generator<StreamFrame> {
  const { style } = rendering;
  const head = headOf(answer, rendering, 'chat.completion.chunk');
  if (style.comment !== undefined) yield { text: `: ${style.comment}\n\n`, isToken: false };
  let tokens = 0;
  let said = '';
  for (const { delta, isToken } of piecesOf(answer, rendering)) {
    if (isToken) tokens += 1;
    if (typeof delta['content'] === 'string') said += delta['content'];
    const message = style.isCumulative ? { message: { role: 'assistant', content: said } } : {};
    const usage = style.usage === 'every' ? { usage: usageOf(answer, style, tokens) } : {};
    const choice = { index: 0, delta, ...message, finish_reason: null };
    yield dataFrame({ ...head, choices: [choice], ...sourcesOf(style), ...usage }, isToken);
  }
  yield* ending(answer, rendering, head);
}

function* ending(answer: SimulatedAnswer, rendering: Rendering, head: JsonObject): Generator<StreamFrame> {
  const { style, includesUsage } = rendering;
  const usage = usageOf(answer, style);
  const choice = { index: 0, delta: {}, finish_reason: finishOf(answer, style) };
  const isInChunk = style.usage === 'finish' || style.usage === 'every';
  yield dataFrame(
    {
      ...head,
      choices: [style.usage === 'choice' ? { ...choice, usage } : choice],
      ...sourcesOf(style),
      ...(isInChunk ? { usage } : {}),
      ...(style.usage === 'x_groq' ? { x_groq: { id: `req_${answer.id}`, usage } } : {}),
    },
    false,
  );
  if (style.usage === 'asked' && includesUsage) yield dataFrame({ ...head, choices: [], usage }, false);
  if (style.sendsDone) yield doneFrame;
}

function* piecesOf(answer: SimulatedAnswer, { style }: Rendering): Generator<Piece> {
  yield { delta: { role: 'assistant', content: '' }, isToken: false };
  let position = 0;
  const isTagged = style.thinking === 'tags' && answer.blocks.some((block) => block.type === 'thinking');
  if (isTagged) yield { delta: { content: '<think>' }, isToken: false };
  for (const block of answer.blocks) {
    if (block.type === 'tool-call') {
      yield* callPieces(block, position, { answer, style });
      position += 1;
      continue;
    }
    for (const token of answer.tokensOf(block.text)) {
      yield {
        delta: block.type === 'text' ? { content: token } : thought(token, style.thinking),
        isToken: true,
      };
    }
    // The closing mark is cut in two, as tokens cut it.
    if (block.type === 'thinking' && isTagged) {
      yield { delta: { content: '</th' }, isToken: false };
      yield { delta: { content: 'ink>\n\n' }, isToken: false };
    }
  }
}

function thought(token: string, place: Rendering['style']['thinking']): JsonObject {
  switch (place) {
    case 'blocks':
      return { content: [thinkingBlock(token)] };
    case 'tags':
      return { content: token };
    case 'details':
      return { content: '', reasoning: token, reasoning_details: [detailOf(token)] };
    case 'hidden':
      return {};
    case 'reasoning':
    case 'reasoning_content':
      break;
  }
  return { content: null, [place]: token };
}

function* callPieces(
  call: Extract<SimulatedBlock, { readonly type: 'tool-call' }>,
  position: number,
  { answer, style }: { readonly answer: SimulatedAnswer; readonly style: Rendering['style'] },
): Generator<Piece> {
  const index = style.hasCallIndex ? { index: position } : {};
  const whole = callOf(call, position, style);
  if (style.sendsCallsWhole) {
    yield { delta: { tool_calls: [{ ...index, ...whole }] }, isToken: true };
    return;
  }
  const opening = { ...index, ...whole, function: { name: call.name, arguments: '' } };
  yield { delta: { tool_calls: [opening] }, isToken: true };
  for (const token of answer.tokensOf(JSON.stringify(call.input))) {
    yield { delta: { tool_calls: [{ ...index, function: { arguments: token } }] }, isToken: true };
  }
}
