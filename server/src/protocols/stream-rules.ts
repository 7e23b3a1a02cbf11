import type { RelayError } from '../domain/errors.ts';
import type { Usage } from '../domain/usage.ts';
import type { SseFrame } from '../platform/sse.ts';

/** What a protocol tells the passthrough engine (`stream-pipe.ts`) about a frame. */
export type FrameKind =
  /** Tells of the call, not of the answer. */
  | 'lifecycle'
  /** Part of the answer. */
  | 'generated'
  /** Nothing but the end follows: it and all later frames wait for the settlement, yet are still read. */
  | 'closing'
  /** The end itself. */
  | 'terminal'
  /** Not for the client, e.g. usage it did not ask for. */
  | 'stripped'
  | 'error';

export interface FrameReading {
  readonly kind: FrameKind;
  readonly metered?: MeteredUsage;
  readonly servedModel?: string;
  /** Bytes of generated text in a `generated` frame. */
  readonly textBytes?: number;
  /** Set for `error`. */
  readonly failure?: RelayError;
  /** The error frame may go to the client as it is. */
  readonly isFailureShown?: boolean;
}

export interface MeteredUsage {
  readonly usage: Usage;
  /** The count of output is not final yet, e.g. at the start of an Anthropic message. */
  readonly isProvisional?: boolean;
  readonly anomalies: readonly string[];
}

export interface StreamRules {
  /** True for a frame of a generating stream that can be told, without parsing, to hold an answer's part and no more. */
  isPlain(bytes: Buffer, start: number, end: number): boolean;
  /** Reads a frame. `undefined` when its data is not of this protocol. */
  read(frame: SseFrame): FrameReading | undefined;
  /** What was noted in plain frames and only matters at the end (usage that every frame repeats). */
  latestMetered?(): MeteredUsage | undefined;
  /** At the orderly end of the bytes without a terminal frame: has the answer been completed all the same? */
  isComplete(): boolean;
  /** The answer said why it has no content (refusal, filter, cache fill), so its emptiness is no fault. */
  isEmptyByIntent(): boolean;
  encodeError?(error: RelayError, callId: string): Buffer;
}
