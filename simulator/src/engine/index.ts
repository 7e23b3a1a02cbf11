/**
 * The engine: decides what the simulated model says and counts what it costs. Deterministic: the answer follows from
 * the seed and the call; only cache counts depend on what was asked before. Knows no wire, no HTTP and no fault.
 * Begin with `createEngine`; what wires exchange with it is in `simulated-call.ts`.
 */
import { composeChoice } from './compose-choice.ts';
import { tokensFed, tokensOfSteps } from './hosted-tools.ts';
import { createPrefixCache } from './prefix-cache.ts';
import { hashOf } from './seeded-random.ts';
import { createSignatures } from './signatures.ts';
import type { Signatures } from './signatures.ts';
import type { SimulatedAnswer, SimulatedCall, SimulatedChoice } from './simulated-call.ts';
import { tokenize } from './tokenizer.ts';
import { tokensOfBlock } from './tokens-of-block.ts';

export interface Engine {
  readonly signatures: Signatures;
  answer(call: SimulatedCall, account: string): SimulatedAnswer;
  /** Forgets every cached prefix. */
  reset(): void;
}

export function createEngine(options: { readonly seed: string; readonly now: () => number }): Engine {
  const signatures = createSignatures(options.seed);
  const cache = createPrefixCache(options.now);
  return {
    signatures,
    answer(call, account) {
      const id = hashOf(options.seed, JSON.stringify(call));
      const { input, cacheRead, cacheWrite, cacheWriteByTtl } = cache.count(call, account);
      const choices: SimulatedChoice[] = [];
      for (let index = 0; index < Math.max(1, call.choices); index += 1) {
        choices.push(composeChoice(call, { seed: `${id}:${index}`, signatures }));
      }
      const hosted = choices.flatMap((choice) => choice.hosted);
      const blocks = choices.flatMap((choice) => choice.blocks);
      const usage = {
        input,
        cacheRead,
        cacheWrite,
        cacheWriteByTtl,
        fed: tokensFed(hosted),
        searches: hosted.filter((step) => step.type === 'search').length,
        output: sum(blocks.map(tokensOfBlock)) + tokensOfSteps(hosted),
        thinking: sum(blocks.filter((block) => block.type === 'thinking').map(tokensOfBlock)),
      };
      const first = choices[0] ?? { blocks: [], stop: 'end', hosted: [], citations: [] };
      return { ...first, id: id.slice(0, 24), choices, usage, tokensOf: tokenize };
    },
    reset: () => cache.clear(),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
