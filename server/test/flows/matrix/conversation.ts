/**
 * The matrix: the official clients of four protocols, each against the upstreams of every protocol, through the whole
 * relay. A client is a file here, what is tried with each is `scenarios.ts`; the table of outcomes is
 * `docs/conformance.md`. Must not know what the relay does inside. Begin with `../matrix.test.ts`.
 */
import type { JsonSchema } from './scenarios.ts';

/** What one answer said, whatever protocol it came in. */
export interface Seen {
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly SeenCall[];
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}

export interface SeenCall {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}

/** One turn of the user: words, an image, or the results of the calls seen last. */
export interface Turn {
  readonly text?: string;
  /** A PNG, base64. */
  readonly image?: string;
  readonly results?: readonly { readonly call: SeenCall; readonly text: string }[];
  readonly isStreamed?: boolean;
}

export interface ConversationOptions {
  readonly model: string;
  readonly tools?: readonly string[];
  readonly thinks?: boolean;
  readonly schema?: JsonSchema;
}

/** Keeps its history in the client's own form, as an application would. */
export interface Conversation {
  ask(turn: Turn): Promise<Seen>;
}

export interface MatrixClient {
  readonly protocol: string;
  open(options: ConversationOptions): Conversation;
  /** Begins a stream, leaves after the first piece. */
  abort(model: string, prompt: string): Promise<void>;
  /** HTTP status of an error the client throws. */
  statusOf(error: unknown): number | undefined;
}

export interface RelayAddress {
  readonly url: string;
  readonly key: string;
}
