import { chooseToolCalls } from './choose-tools.ts';
import { readDirectives } from './directives.ts';
import type { Directives } from './directives.ts';
import { citeText, runHostedTools, tokensOfSteps } from './hosted-tools.ts';
import { atItsStep } from './place-script.ts';
import { satisfySchema } from './satisfy-schema.ts';
import { hashOf, seededRandom } from './seeded-random.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { Signatures } from './signatures.ts';
import type { SimulatedBlock, SimulatedCall, SimulatedChoice } from './simulated-call.ts';
import { tokenize } from './tokenizer.ts';
import { tokensOfBlock } from './tokens-of-block.ts';
import { writeText, writeTokens } from './write-text.ts';

const QUOTED_RESULT_CHARACTERS = 160;

interface Context {
  readonly seed: string;
  readonly signatures: Signatures;
}

/** One choice: thinking, steps of the provider's tools, then calls or text with its sources. */
export function composeChoice(asked: SimulatedCall, context: Context): SimulatedChoice {
  const call = atItsStep(asked);
  const random = seededRandom(context.seed);
  const directives = readDirectives(call.lastUserText);
  const hosted = runHostedTools(call, directives, { seed: context.seed, random });
  const left = Math.max(0, call.maxOutputTokens - tokensOfSteps(hosted));
  const said = composeBlocks({ ...call, maxOutputTokens: left }, directives, { ...context, random });
  const text = said.blocks.find((block) => block.type === 'text')?.text ?? '';
  return { ...said, hosted, citations: citeText(text, hosted) };
}

/** What is thought, said and called, cut by stop sequences and by the output limit. */
function composeBlocks(
  call: SimulatedCall,
  directives: Directives,
  context: Context & { readonly random: SeededRandom },
): Omit<SimulatedChoice, 'hosted' | 'citations'> {
  const { random } = context;
  let left = call.maxOutputTokens;
  const blocks: SimulatedBlock[] = [];

  const thought = thinkingText(call, directives, random);
  if (thought !== undefined) {
    const text = tokenize(thought).slice(0, left).join('');
    left -= tokenize(text).length;
    if (text !== '')
      blocks.push({ type: 'thinking', text, signature: context.signatures.sign(text, call.model) });
    if (text !== thought || left === 0) return { blocks, stop: 'length' };
  }

  const toolCalls = chooseToolCalls(call, directives, random);
  if (directives.say !== undefined || toolCalls.length === 0) {
    const text = answerText(call, directives, random);
    const cut = cutText(text, call.stopSequences, left);
    left -= tokenize(cut.text).length;
    if (cut.text !== '') blocks.push({ type: 'text', text: cut.text });
    if (cut.stop !== 'end') return { blocks, ...cut.end };
  }
  for (const [index, { name, input }] of toolCalls.entries()) {
    const id = hashOf(context.seed, 'call', String(index)).slice(0, 24);
    const block: SimulatedBlock = { type: 'tool-call', id, name, input };
    left -= tokensOfBlock(block);
    // A call that does not fit is left out whole: half a call is of no use to a caller.
    if (left < 0) return { blocks, stop: 'length' };
    blocks.push(block);
  }
  return { blocks, stop: toolCalls.length > 0 ? 'tool-calls' : 'end' };
}

function thinkingText(call: SimulatedCall, directives: Directives, random: SeededRandom): string | undefined {
  if (directives.thinkTokens !== undefined) return writeTokens(random, directives.thinkTokens);
  if (call.thinking === undefined) return undefined;
  return writeTokens(random, Math.max(1, Math.min(call.thinking.budgetTokens, random.between(12, 48))));
}

function answerText(call: SimulatedCall, directives: Directives, random: SeededRandom): string {
  if (call.endsWithToolResults && directives.afterTools !== undefined) return directives.afterTools;
  if (directives.say !== undefined && !(call.endsWithToolResults && directives.toolCalls.length > 0))
    return directives.say;
  if (directives.tokens !== undefined) return writeTokens(random, directives.tokens);
  if (call.outputSchema !== undefined) return JSON.stringify(satisfySchema(call.outputSchema, random));
  if (call.wantsJson) return JSON.stringify({ answer: writeText(random) });
  if (call.endsWithToolResults) {
    const result = (call.segments.at(-1)?.text ?? '').trim().slice(0, QUOTED_RESULT_CHARACTERS);
    return `The tool answered: ${result}`;
  }
  return writeText(random);
}

type Cut = {
  readonly text: string;
  readonly stop: SimulatedChoice['stop'];
  readonly end: Omit<SimulatedChoice, 'blocks' | 'hosted' | 'citations'>;
};

function cutText(text: string, stopSequences: readonly string[], maxTokens: number): Cut {
  const stops = stopSequences
    .filter((sequence) => sequence !== '')
    .map((sequence) => ({ sequence, at: text.indexOf(sequence) }))
    .filter(({ at }) => at >= 0)
    .toSorted((first, second) => first.at - second.at || second.sequence.length - first.sequence.length);
  const stop = stops[0];
  const spoken = stop === undefined ? text : text.slice(0, stop.at);
  const tokens = tokenize(spoken);
  if (tokens.length > maxTokens) {
    return { text: tokens.slice(0, maxTokens).join(''), stop: 'length', end: { stop: 'length' } };
  }
  if (stop === undefined) return { text: spoken, stop: 'end', end: { stop: 'end' } };
  return { text: spoken, stop: 'stop-sequence', end: { stop: 'stop-sequence', stopSequence: stop.sequence } };
}
