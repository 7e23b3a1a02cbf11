import type {
  Json,
  JsonObject,
  SimulatedAnswer,
  SimulatedBlock,
  SimulatedChoice,
} from '../../engine/simulated-call.ts';
import { logprobsOf } from '../openai/index.ts';
import type { OpenAiModel } from '../openai/index.ts';

/** What the renderers need to know about the request. */
export interface Rendering {
  readonly model: OpenAiModel;
  readonly createdAt: number;
  readonly isRefusal: boolean;
  readonly freeTextTools: ReadonlySet<string>;
  /** Present when log-probabilities were asked: how many alternatives for each token. */
  readonly topLogprobs?: number;
  readonly serviceTier: string;
  /** Compatible servers show their thinking. */
  readonly showsThinking: boolean;
  readonly callsFunctionsTheOldWay: boolean;
}

export function renderCompletion(answer: SimulatedAnswer, rendering: Rendering): JsonObject {
  return {
    id: `chatcmpl-${answer.id}`,
    object: 'chat.completion',
    created: rendering.createdAt,
    model: rendering.model.snapshot,
    choices: answer.choices.map((choice, index) => renderChoice(choice, index, { answer, rendering })),
    usage: renderUsage(answer, rendering.model),
    service_tier: rendering.serviceTier,
    system_fingerprint: 'fp_simulated',
  };
}

interface Context {
  readonly answer: SimulatedAnswer;
  readonly rendering: Rendering;
}

function renderChoice(choice: SimulatedChoice, index: number, context: Context): JsonObject {
  const { rendering, answer } = context;
  const text = textOf(choice, 'text');
  const thinking = textOf(choice, 'thinking');
  const calls = choice.blocks.filter((block) => block.type === 'tool-call');
  const said = rendering.isRefusal
    ? { content: null, refusal: text ?? '' }
    : { content: text ?? null, refusal: null };
  const isOld = rendering.callsFunctionsTheOldWay;
  return {
    index,
    message: {
      role: 'assistant',
      ...said,
      ...(rendering.showsThinking && thinking !== undefined ? { reasoning_content: thinking } : {}),
      ...(calls.length > 0 && !isOld ? { tool_calls: calls.map((call) => renderCall(call, rendering)) } : {}),
      ...(calls[0] !== undefined && isOld ? { function_call: oldCall(calls[0]) } : {}),
      annotations: annotationsOf(choice),
    },
    logprobs:
      rendering.topLogprobs === undefined || text === undefined
        ? null
        : { content: logprobsOf(answer.tokensOf(text), rendering.topLogprobs), refusal: null },
    finish_reason: finishReason(choice, rendering),
  };
}

/** Sources of the text, where the web was searched. */
export function annotationsOf(choice: SimulatedChoice): readonly JsonObject[] {
  return choice.citations.map(({ start, end, page }) => ({
    type: 'url_citation',
    url_citation: { start_index: start, end_index: end, title: page.title, url: page.url },
  }));
}

type ToolCallBlock = Extract<SimulatedBlock, { readonly type: 'tool-call' }>;

function renderCall(call: ToolCallBlock, rendering: Rendering): JsonObject {
  const written = writtenInput(call);
  return rendering.freeTextTools.has(call.name)
    ? { id: `call_${call.id}`, type: 'custom', custom: { name: call.name, input: written } }
    : { id: `call_${call.id}`, type: 'function', function: { name: call.name, arguments: written } };
}

function oldCall(call: ToolCallBlock): JsonObject {
  return { name: call.name, arguments: writtenInput(call) };
}

export function writtenInput(call: ToolCallBlock): string {
  return typeof call.input === 'string' ? call.input : JSON.stringify(call.input);
}

function textOf(choice: SimulatedChoice, type: 'text' | 'thinking'): string | undefined {
  const texts = choice.blocks.flatMap((block) => (block.type === type ? [block.text] : []));
  return texts.length === 0 ? undefined : texts.join('');
}

export function finishReason(choice: SimulatedChoice, rendering: Rendering): string {
  if (choice.stop === 'length') return 'length';
  if (choice.stop !== 'tool-calls') return 'stop';
  return rendering.callsFunctionsTheOldWay ? 'function_call' : 'tool_calls';
}

/** Prompt tokens include cached and written ones, completion tokens include reasoning. */
export function renderUsage(answer: SimulatedAnswer, model: OpenAiModel): Json {
  const { usage } = answer;
  const promptTokens = usage.input + usage.fed + usage.cacheRead + usage.cacheWrite;
  return {
    prompt_tokens: promptTokens,
    completion_tokens: usage.output,
    total_tokens: promptTokens + usage.output,
    prompt_tokens_details: {
      cached_tokens: usage.cacheRead,
      ...(model.reportsCacheWrites ? { cache_write_tokens: usage.cacheWrite } : {}),
      audio_tokens: 0,
    },
    completion_tokens_details: {
      reasoning_tokens: usage.thinking,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
