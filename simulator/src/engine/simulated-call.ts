import type { HostedOffer, HostedStep, SimulatedCitation } from './hosted-tools.ts';
import type { ScriptPlace } from './place-script.ts';

/**
 * What a wire folder hands to the engine and gets back. A wire validates strictly and renders; the engine decides what
 * is said. Neither knows the other's business.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export type CacheTtl = '5m' | '30m' | '1h' | '12h';

export interface DeclaredTool {
  readonly name: string;
  readonly schema: JsonObject;
  /** Free-text tools take one string instead of an object. */
  readonly isFreeText: boolean;
}

/** A validated request in the engine's terms. */
export interface SimulatedCall {
  readonly model: string;
  /**
   * Canonical text of the prompt from its very beginning, in order, one segment per block. The prefix cache works on
   * segments, the tokenizer on their text.
   */
  readonly segments: readonly { readonly text: string; readonly cacheTtl?: CacheTtl }[];
  /** Tokens of images, documents and audio, counted by the wire's own rule. */
  readonly mediaTokens: number;
  readonly lastUserText: string;
  /** True when the last turn carries tool results, so that an answer, not another call, is due. */
  readonly endsWithToolResults: boolean;
  /** Present when a user text holds a script of several answers. */
  readonly script?: ScriptPlace;
  readonly tools: readonly DeclaredTool[];
  /** Tools that the provider runs itself. */
  readonly hosted?: HostedOffer;
  readonly toolChoice: 'auto' | 'none' | 'required' | { readonly name: string };
  readonly allowsParallelCalls: boolean;
  readonly thinking?: { readonly budgetTokens: number };
  readonly outputSchema?: JsonObject;
  readonly wantsJson: boolean;
  readonly stopSequences: readonly string[];
  readonly maxOutputTokens: number;
  readonly choices: number;
  /** `automatic` caches every long prefix; `explicit` only up to marked segments. */
  readonly caching: 'automatic' | 'explicit' | 'none';
}

export type SimulatedBlock =
  | { readonly type: 'thinking'; readonly text: string; readonly signature: string }
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'tool-call';
      readonly id: string;
      readonly name: string;
      readonly input: JsonObject | string;
    };

/** `input`, `cacheRead` and `cacheWrite` are disjoint and add up to the whole prompt; `output` includes `thinking`. */
export interface SimulatedUsage {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly cacheWriteByTtl: Readonly<Record<CacheTtl, number>>;
  /** Over all choices; what tools of the provider put before the model, which no wire has in `input`. */
  readonly fed: number;
  readonly searches: number;
  readonly output: number;
  readonly thinking: number;
}

export interface SimulatedChoice {
  readonly blocks: readonly SimulatedBlock[];
  readonly stop: 'end' | 'length' | 'stop-sequence' | 'tool-calls';
  readonly stopSequence?: string;
  /** Taken after the thinking, before anything is said or called. */
  readonly hosted: readonly HostedStep[];
  /** Of the text, in its order. */
  readonly citations: readonly SimulatedCitation[];
}

/** The first choice is the answer itself. */
export interface SimulatedAnswer extends SimulatedChoice {
  /** Lower-case hexadecimal, for the wire to put its own prefix before. */
  readonly id: string;
  /** As many as the call asked for. */
  readonly choices: readonly SimulatedChoice[];
  readonly usage: SimulatedUsage;
  /** Tokens of each text-like block in streaming order; their concatenation is the block's text. */
  tokensOf(text: string): readonly string[];
}

/** A refusal in the provider's own shape. */
export interface WireRefusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
}
