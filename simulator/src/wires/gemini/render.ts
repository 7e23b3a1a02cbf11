import type {
  Json,
  JsonObject,
  SimulatedAnswer,
  SimulatedBlock,
  SimulatedChoice,
} from '../../engine/simulated-call.ts';
import { groundingOf, stepParts } from './hosted-tools.ts';
import type { GeminiModel } from './models.ts';
import type { ThoughtSignatures } from './signatures.ts';

/** What the renderers need to know about the request. */
export interface Rendering {
  readonly model: GeminiModel;
  readonly signatures: ThoughtSignatures;
  readonly includesThoughts: boolean;
  readonly mediaTokens: number;
  readonly responseId: string;
  /** Ids of calls are given; the cloud gives none for models that came before them. */
  readonly namesCalls: boolean;
}

export function renderAnswer(answer: SimulatedAnswer, rendering: Rendering): JsonObject {
  return {
    candidates: answer.choices.map((choice, index) => ({
      content: { parts: partsOf(choice, rendering), role: 'model' },
      finishReason: finishReason(choice),
      index,
      ...groundingOf(choice),
    })),
    ...tailOf(answer, rendering, answer.usage.output - answer.usage.thinking),
  };
}

/** A prompt that is refused gets an answer without candidates. */
export function renderBlocked(answer: SimulatedAnswer, rendering: Rendering): JsonObject {
  const { input, cacheRead, cacheWrite } = answer.usage;
  const count = input + cacheRead + cacheWrite;
  return {
    promptFeedback: { blockReason: 'SAFETY' },
    usageMetadata: { promptTokenCount: count, totalTokenCount: count },
    modelVersion: rendering.model.id,
    responseId: rendering.responseId,
  };
}

export function finishReason(choice: SimulatedChoice): string {
  return choice.stop === 'length' ? 'MAX_TOKENS' : 'STOP';
}

/** The whole parts of one candidate, thoughts first. */
function partsOf(choice: SimulatedChoice, rendering: Rendering): readonly Json[] {
  const signature = textSignature(choice, rendering);
  const lastText = choice.blocks.findLastIndex((block) => block.type === 'text');
  const parts = (thoughts: boolean): readonly JsonObject[] =>
    choice.blocks.flatMap((block, index) => {
      if ((block.type === 'thinking') !== thoughts) return [];
      return partOf(block, index);
    });
  const partOf = (block: SimulatedBlock, index: number): readonly JsonObject[] => {
    if (block.type === 'thinking') {
      return rendering.includesThoughts ? [{ text: block.text, thought: true }] : [];
    }
    if (block.type === 'tool-call') return [callPart(block, choice, rendering)];
    const signed = index === lastText && signature !== undefined ? { thoughtSignature: signature } : {};
    return [{ text: block.text, ...signed }];
  };
  return [...parts(true), ...stepParts(choice.hosted), ...parts(false)];
}

type ToolCallBlock = Extract<SimulatedBlock, { readonly type: 'tool-call' }>;

/** Only the first of several calls of a step is signed. */
export function callPart(call: ToolCallBlock, choice: SimulatedChoice, rendering: Rendering): JsonObject {
  const args = typeof call.input === 'string' ? { input: call.input } : call.input;
  const isFirst = choice.blocks.find((block) => block.type === 'tool-call') === call;
  const isSigned = isFirst && rendering.model.thinking !== undefined;
  return {
    functionCall: {
      name: call.name,
      args,
      ...(rendering.namesCalls ? { id: call.id } : {}),
    },
    ...(isSigned ? { thoughtSignature: rendering.signatures.signCall(call.name, args) } : {}),
  };
}

/** Text is signed at its end when nothing was called and something was thought. */
export function textSignature(choice: SimulatedChoice, rendering: Rendering): string | undefined {
  const thought = choice.blocks.find((block) => block.type === 'thinking');
  const hasCall = choice.blocks.some((block) => block.type === 'tool-call');
  if (thought?.type !== 'thinking' || hasCall || !rendering.model.requiresSignatures) return undefined;
  return rendering.signatures.signText(thought.text);
}

/** What stands beside the candidates in every answer and chunk. Candidate tokens leave thoughts out. */
export function tailOf(answer: SimulatedAnswer, rendering: Rendering, candidateTokens: number): JsonObject {
  const { input, cacheRead, cacheWrite, thinking, fed } = answer.usage;
  const promptTokens = input + cacheRead + cacheWrite;
  const { mediaTokens } = rendering;
  const media = mediaTokens === 0 ? [] : [{ modality: 'IMAGE', tokenCount: mediaTokens }];
  const cached = {
    cachedContentTokenCount: cacheRead,
    cacheTokensDetails: [{ modality: 'TEXT', tokenCount: cacheRead }],
  };
  return {
    usageMetadata: {
      promptTokenCount: promptTokens,
      ...(candidateTokens === 0 ? {} : { candidatesTokenCount: candidateTokens }),
      totalTokenCount: promptTokens + candidateTokens + thinking + fed,
      ...(fed === 0 ? {} : { toolUsePromptTokenCount: fed }),
      ...(cacheRead === 0 ? {} : cached),
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: promptTokens - mediaTokens }, ...media],
      ...(thinking === 0 ? {} : { thoughtsTokenCount: thinking }),
    },
    modelVersion: rendering.model.id,
    responseId: rendering.responseId,
  };
}
