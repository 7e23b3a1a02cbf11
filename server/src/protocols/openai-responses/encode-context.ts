import type { LossList } from '../canonical/losses.ts';
import type { ModelTraits } from '../openai-model-traits.ts';

/** What every part of the request encoder needs to know. */
export interface InputContext {
  /** The request came in this protocol: what it says is passed on as it was said. */
  readonly isOwn: boolean;
  readonly traits: ModelTraits;
  readonly losses: LossList;
  /** Calls of free-text tools, whose results have a form of their own. */
  readonly customCalls: ReadonlySet<string>;
}
