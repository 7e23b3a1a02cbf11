/** What the harness asks of the load generator's process, and what it answers. */

export interface Address {
  readonly host: string;
  readonly port: number;
}

interface Aim {
  readonly address: Address;
  /** A whole HTTP request in ASCII, head and body. */
  readonly request: string;
}

/** Every connection sends its next request when the answer of the last is complete. */
export interface ClosedLoopJob extends Aim {
  readonly kind: 'closed-loop';
  readonly connections: number;
  readonly durationMs: number;
}

/** Requests start by the clock whatever the answers do; latency counts from the scheduled time. */
export interface OpenLoopJob extends Aim {
  readonly kind: 'open-loop';
  readonly perSecond: number;
  readonly durationMs: number;
  readonly mark: 'last-byte' | 'first-byte';
}

/** Each stream is asked once, starts spread evenly, and is read to its end. */
export interface StreamsJob extends Aim {
  readonly kind: 'streams';
  readonly streams: number;
  readonly spreadMs: number;
  readonly deadlineMs: number;
}

/** Streams that stay open until `drop`; done when every one of them has its first byte (or, stalled, is asked). */
export interface HoldJob extends Aim {
  readonly kind: 'hold';
  readonly streams: number;
  readonly spreadMs: number;
  readonly deadlineMs: number;
  readonly isReading: boolean;
}

interface DropJob {
  readonly kind: 'drop';
}

export type LoadJob = ClosedLoopJob | OpenLoopJob | StreamsJob | HoldJob | DropJob;

export interface LoadReport {
  readonly completed: number;
  readonly failed: number;
  readonly firstFailure: string | null;
  readonly frames: number;
  readonly elapsedMs: number;
  /** Of the open loop only, in microseconds; empty otherwise. */
  readonly latenciesMicros: readonly number[];
}
