import type { Identity } from '../identity/index.ts';
import type { Provider } from '../providers/provider.ts';
import type { Json, SimulatedAnswer, SimulatedCall, WireRefusal } from './simulated-call.ts';

/** One HTTP exchange as a wire sees it: request in, engine services, paced and fault-injected output. */
export interface Exchange {
  readonly method: string;
  /** Path without query, percent-decoded nowhere. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Parsed JSON body; `undefined` for GET. A body that is not JSON is refused by `parseBody`. */
  readonly bodyText: string;
  /** Unique per exchange; already sent in the provider's own header, and part of some error bodies. */
  readonly requestId: string;
  /** The account whose key came with the request, the same object each time; `models` is undefined when it may use them all. */
  readonly account: { readonly label: string; readonly models?: readonly string[] | undefined };
  /** What token services know. */
  readonly identity: Identity;
  /** Names of deployments and the models behind them, where a cloud has such. */
  readonly deployments: Readonly<Record<string, string>>;
  /** The simulator's clock, for `created` fields. */
  nowMs(): number;
  /** Signs and checks thinking: a signature covers the text, the model and this simulator's key. */
  sign(text: string, model: string): string;
  isOwnSignature(signature: string, text: string, model: string): boolean;
  /** The engine's answer: text, calls, thinking, usage; deterministic for equal calls but for cache counts. */
  answer(call: SimulatedCall): SimulatedAnswer;
  /** Exact token count by the simulator's own tokenizer. */
  countTokens(text: string): number;
  refuse(refusal: WireRefusal): Promise<void>;
  /** Sends a whole JSON body (faults may truncate, garble or delay it). `wireHeaders` are added to the common ones. */
  sendJson(status: number, body: Json, wireHeaders?: Readonly<Record<string, string>>): Promise<void>;
  /** Opens a stream; frames are complete wire text including the blank line. Paced per frame; faults cut or stall it. */
  sendStream(
    frames: Iterable<StreamFrame>,
    contentType?: string,
    wireHeaders?: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** The same for a stream that is not text: `encode` gets each frame as a fault left it. */
  sendBinaryStream(frames: Iterable<StreamFrame>, form: BinaryForm): Promise<void>;
}

export interface BinaryForm {
  readonly contentType: string;
  readonly encode: (text: string) => Buffer;
}

export interface StreamFrame {
  readonly text: string;
  /** Token frames are paced; lifecycle frames go out at once. */
  readonly isToken: boolean;
}

/** What a wire folder exports; one per provider endpoint family. */
export interface SimulatedWire {
  readonly id: string;
  /** Keys, error bodies and limit headers; the server checks keys and limits with it before `handle` is called. */
  readonly provider: Provider;
  /** True when this wire serves the method and path (path without query). Headers tell apart what shares a path. */
  matches(
    method: string,
    path: string,
    headers: Readonly<Record<string, string | undefined>>,
    query: URLSearchParams,
  ): boolean;
  /** Handles one request completely, through `exchange` (see `engine/exchange.ts`). */
  handle(exchange: Exchange): Promise<void>;
}
