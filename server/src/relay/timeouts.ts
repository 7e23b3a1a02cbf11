/** Limits of one call in ms; all on by default (see docs/policies.md). */
export interface Timeouts {
  readonly connectMs: number;
  /** From sending the request to the first byte of the answer's body. */
  readonly firstByteMs: number;
  /** Silence of the upstream within a stream. */
  readonly idleMs: number;
  /** The whole call, all attempts together. */
  readonly totalMs: number;
  /** How often a silent stream tells the client that it lives. */
  readonly keepAliveMs: number;
}

/** An upstream that has sent its terminal frame gets this long to close in order. */
export const closingGraceMs = 1_000;
