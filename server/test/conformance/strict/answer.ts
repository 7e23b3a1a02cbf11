/** What a client has read, in words that all protocols share; written without any code of the relay. */
export interface ReadCall {
  readonly id: string;
  readonly name: string;
  /** As text, whether the wire carries text or an object. */
  readonly argumentsText: string;
}

export interface ReadUsage {
  /** Everything that was read, caches included. */
  readonly prompt: number;
  readonly cacheRead: number;
  readonly output: number;
  readonly reasoning: number;
}

export interface ReadAnswer {
  readonly text: string;
  readonly reasoning: string;
  readonly refusal: string;
  readonly calls: readonly ReadCall[];
  /** The wire's own word. */
  readonly stop: string;
  readonly usage: ReadUsage | undefined;
  /** Set where the stream ended in an error; everything before it counts. */
  readonly error?: string;
}

/** Reads answers as a client does that forgives nothing. Throws `Violation`. */
export interface StrictReader {
  readStream(text: string): ReadAnswer;
  readUnary(body: string): ReadAnswer;
  /** The type or status word of an error body. */
  readError(status: number, body: string): string;
}
