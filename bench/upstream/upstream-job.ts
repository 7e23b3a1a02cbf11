/** What the harness asks of the mock upstream's process. */
export interface UpstreamJob {
  readonly kind: 'start' | 'stats';
}

export interface UpstreamReport {
  readonly port: number;
  /** Streams asked for and neither ended nor cancelled. */
  readonly openStreams: number;
  readonly requests: number;
  /** Bytes taken by the kernel or waiting in this process. */
  readonly bytesWritten: number;
}
