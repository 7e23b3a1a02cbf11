import type { StreamFrame } from '../../engine/exchange.ts';
import type {
  Json,
  JsonObject,
  SimulatedAnswer,
  SimulatedBlock,
  SimulatedChoice,
} from '../../engine/simulated-call.ts';
import { dataFrame, doneFrame, logprobsOf } from '../openai/index.ts';
import { annotationsOf, finishReason, renderUsage, writtenInput } from './render.ts';
import type { Rendering } from './render.ts';

interface Delta {
  readonly delta: JsonObject;
  readonly isToken: boolean;
  readonly logprobs?: Json;
  readonly finish?: string;
}

/** The whole stream: role, deltas and finish of every choice in turn, usage when asked, the end mark. */
export function* streamCompletion(
  answer: SimulatedAnswer,
  rendering: Rendering & { readonly includesUsage: boolean },
): Generator<StreamFrame> {
  const base = {
    id: `chatcmpl-${answer.id}`,
    object: 'chat.completion.chunk',
    created: rendering.createdAt,
    model: rendering.model.snapshot,
    service_tier: rendering.serviceTier,
    system_fingerprint: 'fp_simulated',
  };
  for (const [index, choice] of answer.choices.entries()) {
    for (const { delta, isToken, logprobs, finish } of deltasOf(choice, answer, rendering)) {
      const body = { index, delta, logprobs: logprobs ?? null, finish_reason: finish ?? null };
      const usage = rendering.includesUsage ? { usage: null } : {};
      yield dataFrame({ ...base, choices: [body], ...usage }, isToken);
    }
  }
  if (rendering.includesUsage) {
    yield dataFrame({ ...base, choices: [], usage: renderUsage(answer, rendering.model) }, false);
  }
  yield doneFrame;
}

function* deltasOf(choice: SimulatedChoice, answer: SimulatedAnswer, rendering: Rendering): Generator<Delta> {
  const hasText = choice.blocks.some((block) => block.type === 'text');
  const first = hasText && !rendering.isRefusal ? '' : null;
  yield { delta: { role: 'assistant', content: first, refusal: null }, isToken: false };
  let callIndex = 0;
  for (const block of choice.blocks) {
    if (block.type === 'tool-call') {
      yield* callDeltas(block, callIndex, { answer, rendering });
      callIndex += 1;
    } else if (block.type === 'text' || rendering.showsThinking) {
      yield* textDeltas(block, answer, rendering);
    }
  }
  const annotations = annotationsOf(choice);
  if (annotations.length > 0) yield { delta: { annotations }, isToken: false };
  yield { delta: {}, isToken: false, finish: finishReason(choice, rendering) };
}

function* textDeltas(
  block: Extract<SimulatedBlock, { readonly type: 'text' | 'thinking' }>,
  answer: SimulatedAnswer,
  rendering: Rendering,
): Generator<Delta> {
  const said = rendering.isRefusal ? 'refusal' : 'content';
  const field = block.type === 'thinking' ? 'reasoning_content' : said;
  for (const token of answer.tokensOf(block.text)) {
    const hasLogprobs = rendering.topLogprobs !== undefined && block.type === 'text';
    const logprobs = hasLogprobs
      ? { content: logprobsOf([token], rendering.topLogprobs ?? 0), refusal: null }
      : null;
    yield { delta: { [field]: token }, isToken: true, logprobs };
  }
}

function* callDeltas(
  call: Extract<SimulatedBlock, { readonly type: 'tool-call' }>,
  index: number,
  context: { readonly answer: SimulatedAnswer; readonly rendering: Rendering },
): Generator<Delta> {
  const { answer, rendering } = context;
  const tokens = answer.tokensOf(writtenInput(call));
  if (rendering.callsFunctionsTheOldWay) {
    yield { delta: { function_call: { name: call.name, arguments: '' } }, isToken: true };
    for (const token of tokens) yield { delta: { function_call: { arguments: token } }, isToken: true };
    return;
  }
  const [kind, field] = rendering.freeTextTools.has(call.name)
    ? (['custom', 'input'] as const)
    : (['function', 'arguments'] as const);
  const opening = { index, id: `call_${call.id}`, type: kind, [kind]: { name: call.name, [field]: '' } };
  yield { delta: { tool_calls: [opening] }, isToken: true };
  for (const token of tokens) {
    yield { delta: { tool_calls: [{ index, [kind]: { [field]: token } }] }, isToken: true };
  }
}
