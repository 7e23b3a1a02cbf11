import type { StreamFrame } from '../../engine/exchange.ts';
import type { JsonObject, SimulatedAnswer, SimulatedBlock } from '../../engine/simulated-call.ts';

const STOP_REASONS: Readonly<Record<SimulatedAnswer['stop'], string>> = {
  end: 'end_turn',
  length: 'max_tokens',
  'stop-sequence': 'stop_sequence',
  'tool-calls': 'tool_use',
};

/** What an answer is rendered with, beside itself. */
export interface Rendering {
  readonly signsThoughts: boolean;
  readonly serviceTier: JsonObject | undefined;
  /** The answer tells which sequence stopped it. */
  readonly tellsStop: boolean;
}

export function renderAnswer(answer: SimulatedAnswer, rendering: Rendering): JsonObject {
  return {
    metrics: { latencyMs: 1 },
    output: {
      message: { role: 'assistant', content: answer.blocks.map((block) => renderBlock(block, rendering)) },
    },
    ...stopOf(answer, rendering),
    usage: usageOf(answer),
    ...tierOf(rendering),
  };
}

/** Every event, in its order; text and thoughts have no start of their own. */
export function* streamAnswer(answer: SimulatedAnswer, rendering: Rendering): Iterable<StreamFrame> {
  yield frame('messageStart', { role: 'assistant' });
  for (const [contentBlockIndex, block] of answer.blocks.entries()) {
    if (block.type === 'tool-call') {
      const toolUse = { toolUseId: idOf(block), name: block.name };
      yield frame('contentBlockStart', { contentBlockIndex, start: { toolUse } });
    }
    for (const delta of deltasOf(block, answer, rendering)) {
      yield { ...frame('contentBlockDelta', { contentBlockIndex, delta }), isToken: true };
    }
    yield frame('contentBlockStop', { contentBlockIndex });
  }
  yield frame('messageStop', stopOf(answer, rendering));
  yield frame('metadata', { metrics: { latencyMs: 1 }, usage: usageOf(answer), ...tierOf(rendering) });
}

function* deltasOf(
  block: SimulatedBlock,
  answer: SimulatedAnswer,
  rendering: Rendering,
): Iterable<JsonObject> {
  if (block.type === 'text') {
    for (const text of answer.tokensOf(block.text)) yield { text };
    return;
  }
  if (block.type === 'thinking') {
    for (const text of answer.tokensOf(block.text)) yield { reasoningContent: { text } };
    if (rendering.signsThoughts) yield { reasoningContent: { signature: block.signature } };
    return;
  }
  const written = typeof block.input === 'string' ? block.input : JSON.stringify(block.input);
  for (const input of answer.tokensOf(written)) yield { toolUse: { input } };
}

function renderBlock(block: SimulatedBlock, rendering: Rendering): JsonObject {
  switch (block.type) {
    case 'text':
      return { text: block.text };
    case 'thinking': {
      const signature = rendering.signsThoughts ? { signature: block.signature } : {};
      return { reasoningContent: { reasoningText: { text: block.text, ...signature } } };
    }
    case 'tool-call':
      break;
  }
  return { toolUse: { toolUseId: idOf(block), name: block.name, input: block.input } };
}

function idOf(block: Extract<SimulatedBlock, { type: 'tool-call' }>): string {
  return `tooluse_${block.id.slice(0, 22)}`;
}

function stopOf(answer: SimulatedAnswer, { tellsStop }: Rendering): JsonObject {
  return {
    stopReason: STOP_REASONS[answer.stop],
    ...(tellsStop && answer.stopSequence !== undefined
      ? { additionalModelResponseFields: { stop_sequence: answer.stopSequence } }
      : {}),
  };
}

function tierOf({ serviceTier }: Rendering): JsonObject {
  return serviceTier === undefined ? {} : { serviceTier };
}

function usageOf({ usage }: SimulatedAnswer): JsonObject {
  const details = (['5m', '1h'] as const)
    .map((ttl) => ({ ttl, inputTokens: usage.cacheWriteByTtl[ttl] }))
    .filter(({ inputTokens }) => inputTokens > 0);
  return {
    inputTokens: usage.input,
    outputTokens: usage.output,
    totalTokens: usage.input + usage.cacheRead + usage.cacheWrite + usage.output,
    cacheReadInputTokens: usage.cacheRead,
    cacheWriteInputTokens: usage.cacheWrite,
    ...(details.length === 0 ? {} : { cacheDetails: details }),
  };
}

function frame(name: string, payload: JsonObject): StreamFrame {
  return { text: `event: ${name}\ndata: ${JSON.stringify(payload)}\n\n`, isToken: false };
}
