import type { StreamFrame } from '../../engine/exchange.ts';
import type { Json, JsonObject, SimulatedAnswer, SimulatedChoice } from '../../engine/simulated-call.ts';
import { tokensOfSteps } from '../../engine/hosted-tools.ts';
import { groundingOf, stepParts } from './hosted-tools.ts';
import { callPart, finishReason, tailOf, textSignature } from './render.ts';
import type { Rendering } from './render.ts';

interface Chunk {
  readonly part: JsonObject;
  /** Candidate tokens in this chunk; thoughts are counted elsewhere. */
  readonly tokens: number;
  readonly isToken: boolean;
}

/** Every chunk as a whole response, usage counted up to it, the finish reason on the last of each candidate. */
export function* streamAnswer(
  answer: SimulatedAnswer,
  rendering: Rendering,
  countTokens: (text: string) => number,
): Generator<{ readonly body: JsonObject; readonly isToken: boolean }> {
  let spoken = 0;
  for (const [index, choice] of answer.choices.entries()) {
    const chunks = [...chunksOf(choice, answer, { rendering, countTokens })];
    for (const [at, chunk] of chunks.entries()) {
      spoken += chunk.tokens;
      const finish = at === chunks.length - 1 ? { finishReason: finishReason(choice) } : {};
      const sources = at === chunks.length - 1 ? groundingOf(choice) : {};
      const candidate = { content: { parts: [chunk.part], role: 'model' }, ...finish, index, ...sources };
      yield {
        body: { candidates: [candidate], ...tailOf(answer, rendering, spoken) },
        isToken: chunk.isToken,
      };
    }
  }
}

function* chunksOf(
  choice: SimulatedChoice,
  answer: SimulatedAnswer,
  context: { readonly rendering: Rendering; readonly countTokens: (text: string) => number },
): Generator<Chunk> {
  const { rendering, countTokens } = context;
  let hasSpoken = choice.hosted.length > 0;
  const thought = choice.blocks.findLastIndex((block) => block.type === 'thinking') + 1;
  for (const [index, block] of choice.blocks.entries()) {
    if (index === thought) yield* stepChunks(choice);
    if (block.type === 'tool-call') {
      const part = callPart(block, choice, rendering);
      const written = typeof block.input === 'string' ? block.input : JSON.stringify(block.input);
      yield { part, tokens: countTokens(block.name) + countTokens(written), isToken: true };
      hasSpoken = true;
      continue;
    }
    const isThought = block.type === 'thinking';
    if (isThought && !rendering.includesThoughts) continue;
    for (const text of answer.tokensOf(block.text)) {
      yield {
        part: isThought ? { text, thought: true } : { text },
        tokens: isThought ? 0 : 1,
        isToken: true,
      };
    }
    hasSpoken ||= !isThought;
  }
  const signature = textSignature(choice, rendering);
  if (signature !== undefined) {
    yield { part: { text: '', thoughtSignature: signature }, tokens: 0, isToken: false };
  } else if (!hasSpoken) {
    yield { part: { text: '' }, tokens: 0, isToken: false };
  }
}

function* stepChunks(choice: SimulatedChoice): Generator<Chunk> {
  for (const [index, part] of stepParts(choice.hosted).entries()) {
    yield { part, tokens: index === 0 ? tokensOfSteps(choice.hosted) : 0, isToken: false };
  }
}

type Body = { readonly body: Json; readonly isToken: boolean };

export function* asEvents(bodies: Iterable<Body>): Generator<StreamFrame> {
  for (const { body, isToken } of bodies) {
    yield { text: `data: ${JSON.stringify(body)}\r\n\r\n`, isToken };
  }
}

/** Without `alt=sse` the stream is one JSON array, written element by element. */
export function* asArray(bodies: Iterable<Body>): Generator<StreamFrame> {
  let opening = '[';
  for (const { body, isToken } of bodies) {
    yield { text: `${opening}${JSON.stringify(body)}`, isToken };
    opening = ',\r\n';
  }
  yield { text: opening === '[' ? '[]' : ']', isToken: false };
}
