import type { StreamFrame } from '../../engine/exchange.ts';
import type { Json, JsonObject, SimulatedAnswer, SimulatedChoice } from '../../engine/simulated-call.ts';
import { dataFrame, doneFrame } from '../openai/index.ts';
import type { OpenAiModel } from '../openai/index.ts';

interface Rendering {
  readonly model: OpenAiModel;
  readonly createdAt: number;
  /** By prompt: what is repeated before the answer, empty without `echo`. */
  readonly echoed: readonly string[];
  readonly logprobs?: number;
}

export function renderCompletion(answers: readonly SimulatedAnswer[], rendering: Rendering): JsonObject {
  return {
    ...baseOf(answers, rendering),
    choices: choicesOf(answers).map(({ answer, choice, prompt }, index) => {
      const tokens = answer.tokensOf(`${rendering.echoed[prompt] ?? ''}${textOf(choice)}`);
      return {
        text: tokens.join(''),
        index,
        logprobs: logprobsOf(tokens, rendering.logprobs),
        finish_reason: choice.stop === 'length' ? 'length' : 'stop',
      };
    }),
    usage: usageOf(answers),
  };
}

export function* streamCompletion(
  answers: readonly SimulatedAnswer[],
  rendering: Rendering & { readonly includesUsage: boolean },
): Generator<StreamFrame> {
  const base = baseOf(answers, rendering);
  const usage = rendering.includesUsage ? { usage: null } : {};
  for (const [index, { answer, choice, prompt }] of choicesOf(answers).entries()) {
    for (const token of answer.tokensOf(`${rendering.echoed[prompt] ?? ''}${textOf(choice)}`)) {
      const logprobs = logprobsOf([token], rendering.logprobs);
      yield dataFrame(
        { ...base, choices: [{ text: token, index, logprobs, finish_reason: null }], ...usage },
        true,
      );
    }
    const finish = choice.stop === 'length' ? 'length' : 'stop';
    yield dataFrame(
      { ...base, choices: [{ text: '', index, logprobs: null, finish_reason: finish }], ...usage },
      false,
    );
  }
  if (rendering.includesUsage) yield dataFrame({ ...base, choices: [], usage: usageOf(answers) }, false);
  yield doneFrame;
}

function baseOf(answers: readonly SimulatedAnswer[], rendering: Rendering): JsonObject {
  return {
    id: `cmpl-${answers[0]?.id ?? ''}`,
    object: 'text_completion',
    created: rendering.createdAt,
    model: rendering.model.snapshot,
  };
}

interface PlacedChoice {
  readonly answer: SimulatedAnswer;
  readonly choice: SimulatedChoice;
  readonly prompt: number;
}

function choicesOf(answers: readonly SimulatedAnswer[]): readonly PlacedChoice[] {
  return answers.flatMap((answer, prompt) => answer.choices.map((choice) => ({ answer, choice, prompt })));
}

function textOf(choice: SimulatedChoice): string {
  return choice.blocks.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

function usageOf(answers: readonly SimulatedAnswer[]): JsonObject {
  const promptTokens = sum(answers.map(({ usage }) => usage.input + usage.cacheRead + usage.cacheWrite));
  const completionTokens = sum(answers.map(({ usage }) => usage.output));
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** The old shape: parallel lists instead of one entry for each token. */
function logprobsOf(tokens: readonly string[], alternatives: number | undefined): Json {
  if (alternatives === undefined) return null;
  const values = tokens.map((token) => -((token.length % 7) + 1) / 100);
  let offset = 0;
  const offsets = tokens.map((token) => {
    const start = offset;
    offset += token.length;
    return start;
  });
  return {
    tokens,
    token_logprobs: values,
    top_logprobs: alternatives === 0 ? null : tokens.map((token, index) => ({ [token]: values[index] ?? 0 })),
    text_offset: offsets,
  };
}
