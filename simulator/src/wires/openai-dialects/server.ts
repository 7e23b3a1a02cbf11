import type { Json, JsonObject } from '../../engine/simulated-call.ts';

/** A refusal in words; the server's own error shape is put around it at one place. */
export class DialectRefusal extends Error {
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

export interface CheckedRequest {
  readonly body: JsonObject;
  readonly messages: readonly JsonObject[];
  readonly model: string;
  readonly isThinking: boolean;
}

/** One thing a server refuses. Throws `DialectRefusal`. */
export type Rule = (request: CheckedRequest) => void;

/** A server that speaks Chat Completions in its own way: what it refuses, and how its answers look. */
export interface DialectServer {
  /** Whether the model thinks, as the request says it here. */
  isThinking(body: JsonObject, model: string): boolean;
  readonly rules: readonly Rule[];
  errorBody(message: string, status: number): Json;
  readonly style: AnswerStyle;
}

export interface AnswerStyle {
  /** Where thinking stands in an answer. */
  readonly thinking: 'reasoning_content' | 'reasoning' | 'details' | 'blocks' | 'tags' | 'hidden';
  callId(position: number, id: string, name: string): string;
  /** Calls in a stream have their index. */
  readonly hasCallIndex: boolean;
  /** A call comes whole in one chunk. */
  readonly sendsCallsWhole: boolean;
  /** What an answer with calls says it ended for. */
  readonly callFinish: 'tool_calls' | 'stop';
  /** Where a stream tells its usage; `asked`: in a chunk of its own, if asked for. */
  readonly usage: 'asked' | 'finish' | 'x_groq' | 'choice' | 'every';
  readonly cacheField: 'details' | 'prompt_cache_hit_tokens' | 'cached_tokens' | 'num_cached_tokens';
  readonly isThinkingCounted: boolean;
  readonly sendsDone: boolean;
  readonly comment?: string;
  /** `message` beside `delta` in every chunk, sources beside the choices. */
  readonly isCumulative: boolean;
}

export const plainStyle: AnswerStyle = {
  thinking: 'reasoning_content',
  callId: (_position, id) => `call_${id}`,
  hasCallIndex: true,
  sendsCallsWhole: false,
  callFinish: 'tool_calls',
  usage: 'asked',
  cacheField: 'details',
  isThinkingCounted: true,
  sendsDone: true,
  isCumulative: false,
};
