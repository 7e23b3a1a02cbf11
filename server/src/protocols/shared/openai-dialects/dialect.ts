import type { ModelAbilities } from '../../../domain/model-abilities.ts';
import type { EffortLevel, JsonObject } from '../../canonical/request.ts';
import type { LossCode } from '../../canonical/losses.ts';

/** The fields by which a server is told to reason, or not to. */
export type ReasoningFormat =
  /** `reasoning_effort` alone. */
  | 'effort'
  /** `thinking: { type }`, with `reasoning_effort` beside it where the model has levels. */
  | 'thinking'
  /** `thinking: { type }` for models with a switch, `reasoning_effort` for those with levels. */
  | 'thinking-or-effort'
  /** `enable_thinking` and `thinking_budget`. */
  | 'enable_thinking'
  /** `reasoning: { effort | max_tokens | enabled }`. */
  | 'reasoning'
  /** `reasoning: { enabled }`, with `reasoning_effort` beside it where the model has levels. */
  | 'reasoning-enabled'
  /** `reasoning_effort`, whose only other values for models without levels are `none` and `default`. */
  | 'effort-or-default'
  /** `reasoning_effort`; models without levels are told through their chat template. */
  | 'template'
  | 'none';

/** What a quirk may ask, and where it says what it had to give up. */
export interface QuirkContext {
  readonly dialect: Dialect;
  readonly accepts: ModelAbilities;
  readonly lose: (code: LossCode) => void;
  /** The body was written by the relay; a client's own is only changed where the server would refuse it. */
  readonly isTranslated: boolean;
}

/**
 * One odd behaviour of servers: a request body as every other server takes it in, the body as this one takes it out.
 * The same object comes back where there is nothing to do. A body written by a client passes through it too, so every
 * field may be of any shape.
 */
export interface Quirk {
  readonly name: string;
  apply(body: JsonObject, context: QuirkContext): JsonObject;
}

/** How a server that speaks Chat Completions differs from OpenAI. What is not listed speaks plain. */
export interface Dialect {
  readonly id: string;
  /** Day on which its facts were last compared with the provider's pages or recorded traffic. */
  readonly seen: string;
  readonly limitField: 'max_completion_tokens' | 'max_tokens';
  readonly reasoning: ReasoningFormat;
  /** Levels of `reasoning_effort` the server knows. */
  readonly efforts: readonly EffortLevel[];
  /** Images by web address. */
  readonly fetchesMedia: boolean;
  readonly stopLimit?: number;
  readonly takesTopK: boolean;
  /** Anthropic's `cache_control` on content parts. */
  readonly takesCacheMarks: boolean;
  /** The field a prompt-cache key goes by, where there is one. */
  readonly cacheKeyField?: string;
  /** `top-level field: the name it has here`, or `null` where it is refused. */
  readonly fields: Readonly<Record<string, string | null>>;
  /** Top-level fields without effect here: named as lost in translation, else left as they are. */
  readonly idleFields: readonly string[];
  /** Reasoning stands between `<think>` marks at the start of the text. */
  readonly thinksInText: boolean;
  /** `reasoning_details` of earlier answers go back as they came. */
  readonly takesReasoningDetails: boolean;
  readonly quirks: readonly Quirk[];
}
