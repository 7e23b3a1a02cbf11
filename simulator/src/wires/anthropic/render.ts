import type { Json, JsonObject, SimulatedAnswer, SimulatedBlock } from '../../engine/simulated-call.ts';

/** What an answer is rendered with, beside itself. */
export interface Rendering {
  readonly model: string;
  readonly speed: string;
  /** Thinking goes out as a signature alone. */
  readonly omitsThinking: boolean;
  /** The signature of thinking that is not shown. */
  readonly omittedSignature: string;
}

const STOP_REASONS: Readonly<Record<SimulatedAnswer['stop'], string>> = {
  end: 'end_turn',
  length: 'max_tokens',
  'stop-sequence': 'stop_sequence',
  'tool-calls': 'tool_use',
};

export function renderMessage(answer: SimulatedAnswer, rendering: Rendering): JsonObject {
  return {
    ...envelope(answer, rendering),
    content: answer.blocks.map((block) => renderBlock(block, rendering)),
    ...renderStop(answer),
    stop_details: null,
    usage: renderUsage(answer, rendering),
  };
}

export function envelope(answer: SimulatedAnswer, rendering: Rendering): JsonObject {
  return {
    id: `msg_01${answer.id}`,
    type: 'message',
    role: 'assistant',
    model: rendering.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    container: null,
    diagnostics: null,
  };
}

export function renderStop(answer: SimulatedAnswer): JsonObject {
  return { stop_reason: STOP_REASONS[answer.stop], stop_sequence: answer.stopSequence ?? null };
}

function renderBlock(block: SimulatedBlock, rendering: Rendering): Json {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: block.text, citations: null };
    case 'thinking':
      return rendering.omitsThinking
        ? { type: 'thinking', thinking: '', signature: rendering.omittedSignature }
        : { type: 'thinking', thinking: block.text, signature: block.signature };
    case 'tool-call':
      return {
        type: 'tool_use',
        id: `toolu_01${block.id}`,
        name: block.name,
        input: block.input,
        caller: { type: 'direct' },
      };
  }
  return null;
}

export function renderUsage(answer: SimulatedAnswer, rendering: Rendering): JsonObject {
  const { usage } = answer;
  return {
    ...renderTotals(answer),
    cache_creation: {
      ephemeral_5m_input_tokens: usage.cacheWriteByTtl['5m'],
      ephemeral_1h_input_tokens: usage.cacheWriteByTtl['1h'],
    },
    service_tier: 'standard',
    inference_geo: 'not_available',
    speed: rendering.speed,
  };
}

/** The totals that close a stream. */
export function renderTotals({ usage }: SimulatedAnswer): JsonObject {
  return {
    input_tokens: usage.input,
    cache_creation_input_tokens: usage.cacheWrite,
    cache_read_input_tokens: usage.cacheRead,
    output_tokens: usage.output,
    output_tokens_details: usage.thinking > 0 ? { thinking_tokens: usage.thinking } : null,
    server_tool_use: null,
  };
}
