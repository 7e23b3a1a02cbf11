import type { StreamFrame } from '../engine/exchange.ts';
import type { Json, SimulatedAnswer, WireRefusal } from '../engine/simulated-call.ts';
import type { Provider } from '../providers/provider.ts';

/** What a fault may do to the connection. Waits end early when the client has gone. */
export interface Channel {
  reset(): Promise<void>;
  writeRaw(text: string): Promise<void>;
  wait(ms: number): Promise<void>;
  untilClosed(): Promise<void>;
  /** Closes the listening socket for a while; open connections stay. */
  refuseConnections(ms: number): void;
  refuse(refusal: WireRefusal): Promise<void>;
  send(reply: Reply): Promise<void>;
}

/** How a body ends: in order, by a reset, or never. */
export type Ending = 'end' | 'reset' | 'stall';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  readonly ending?: Ending;
  /** What `content-length` says; the length of `bytes` unless told. */
  readonly contentLength?: number;
}

export type StreamStep = StreamFrame | { readonly ending: Ending };

type Next = 'go-on' | 'done';

/** The hooks of one fault; a fault sets those it needs. */
export interface FaultEffects {
  beforeHeaders?(channel: Channel): Promise<Next>;
  afterHeaders?(channel: Channel): Promise<Next>;
  reshapeAnswer?(answer: SimulatedAnswer): SimulatedAnswer;
  reshapeBody?(body: Json): Json;
  reshapeReply?(reply: Reply): Reply;
  reshapeFrames?(frames: Iterable<StreamFrame>): Iterable<StreamStep>;
}

export interface FaultContext {
  readonly provider: Provider;
  readonly requestId: string;
}
