import type { JsonObject, SimulatedAnswer, SimulatedBlock } from '../../engine/simulated-call.ts';
import { citedBlocks, stepBlocks } from './hosted-blocks.ts';
import type { Encryption } from './hosted-blocks.ts';

/** What an answer is rendered with, beside itself. */
export interface Rendering {
  readonly model: string;
  readonly speed: string;
  /** Thinking goes out as a signature alone. */
  readonly omitsThinking: boolean;
  /** The signature of thinking that is not shown. */
  readonly omittedSignature: string;
  readonly encryption: Encryption;
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
    content: renderBlocks(answer, rendering),
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

/** Every block in its final form: thinking, what tools of the provider did, then text and calls. */
export function renderBlocks(answer: SimulatedAnswer, rendering: Rendering): readonly JsonObject[] {
  const steps = answer.hosted.flatMap((step) => stepBlocks(step, rendering.encryption));
  const thought = answer.blocks.findLastIndex((block) => block.type === 'thinking') + 1;
  const render = (blocks: readonly SimulatedBlock[]): readonly JsonObject[] =>
    blocks.flatMap((block) => renderBlock(block, answer, rendering));
  return [...render(answer.blocks.slice(0, thought)), ...steps, ...render(answer.blocks.slice(thought))];
}

function renderBlock(
  block: SimulatedBlock,
  answer: SimulatedAnswer,
  rendering: Rendering,
): readonly JsonObject[] {
  if (block.type === 'text') return citedBlocks(block.text, answer.citations, rendering.encryption);
  if (block.type === 'thinking') {
    return [
      rendering.omitsThinking
        ? { type: 'thinking', thinking: '', signature: rendering.omittedSignature }
        : { type: 'thinking', thinking: block.text, signature: block.signature },
    ];
  }
  const { id, name, input } = block;
  return [{ type: 'tool_use', id: `toolu_01${id}`, name, input, caller: { type: 'direct' } }];
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
    input_tokens: usage.input + usage.fed,
    cache_creation_input_tokens: usage.cacheWrite,
    cache_read_input_tokens: usage.cacheRead,
    output_tokens: usage.output,
    output_tokens_details: usage.thinking > 0 ? { thinking_tokens: usage.thinking } : null,
    server_tool_use:
      usage.searches > 0 ? { web_search_requests: usage.searches, web_fetch_requests: 0 } : null,
  };
}
