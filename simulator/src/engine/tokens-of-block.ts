import type { SimulatedBlock } from './simulated-call.ts';
import { countTokens } from './tokenizer.ts';

/** A call costs its name and its arguments as they are written. */
export function tokensOfBlock(block: SimulatedBlock): number {
  if (block.type !== 'tool-call') return countTokens(block.text);
  const written = typeof block.input === 'string' ? block.input : JSON.stringify(block.input);
  return countTokens(block.name) + countTokens(written);
}
