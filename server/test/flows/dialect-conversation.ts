/** One conversation in the words of every client protocol, and what each client hears. Raw, so that every field is seen. */
export interface Conversation {
  readonly model: string;
  readonly isStream: boolean;
  readonly tool?: object;
  readonly mustCall?: boolean;
  readonly reasons?: boolean;
  /** Schema the answer is to fit. */
  readonly output?: object;
  /** The prompt, then the turns that followed, as this client keeps them. */
  readonly prompt: string;
  readonly history: readonly object[];
}

export interface Heard {
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
  readonly stop: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** The turns to add to the history: the answer as this client replays it. */
  readonly turn: readonly object[];
}

export interface DialectClient {
  readonly name: string;
  readonly path: (conversation: Conversation) => string;
  readonly headers: (key: string) => Record<string, string>;
  readonly body: (conversation: Conversation) => object;
  readonly hear: (answer: string, isStream: boolean) => Heard;
  readonly results: (heard: Heard, result: string) => readonly object[];
  /** An instruction in the middle of the conversation, and the next prompt. */
  readonly later: (words: string) => readonly object[];
  /** The stop of an answer that ended with calls. */
  readonly callStop: string;
}

export type Wild = Readonly<Record<string, unknown>>;
export const wild = (value: unknown): Wild =>
  typeof value === 'object' && value !== null ? (value as Wild) : {};
export const list = (value: unknown): readonly Wild[] => (Array.isArray(value) ? value.map(wild) : []);
export const text = (value: unknown): string => (typeof value === 'string' ? value : '');
export const count = (value: unknown): number => (typeof value === 'number' ? value : -1);
export const parsed = (value: string): unknown => JSON.parse(value === '' ? '{}' : value);
export const late = 'The user is in a hurry.';
