/** Every figure the harness takes, with its unit. Lower is better unless it says otherwise. */
export const measures = {
  unaryCpu: { title: 'CPU per unary call (2 KB in, 1 KB out)', unit: 'µs' },
  largeBodyCpu: { title: 'CPU per call with a 100 KB body', unit: 'µs' },
  frameCpu: { title: 'CPU per streamed frame (200 streams, every 20 ms)', unit: 'µs' },
  fullSpeedFrameCpu: { title: 'CPU per streamed frame at full speed', unit: 'µs' },
  unaryPerSecond: { title: 'unary calls per second on one core (more is better)', unit: '/s' },
  unaryCoreShare: { title: 'share of the core used meanwhile', unit: '%' },
  unaryP50: { title: 'unary call at 1,000/s, p50', unit: 'ms' },
  unaryP99: { title: 'unary call at 1,000/s, p99', unit: 'ms' },
  firstByteP50: { title: 'first byte of a stream at 1,000/s, p50', unit: 'ms' },
  firstByteP99: { title: 'first byte of a stream at 1,000/s, p99', unit: 'ms' },
  addedUnaryP50: { title: 'added to a unary call at 1,000/s, p50', unit: 'ms' },
  addedUnaryP99: { title: 'added to a unary call at 1,000/s, p99', unit: 'ms' },
  addedFirstByteP50: { title: 'added to the first byte at 1,000/s, p50', unit: 'ms' },
  addedFirstByteP99: { title: 'added to the first byte at 1,000/s, p99', unit: 'ms' },
  heldStreams: { title: 'streams held open at once', unit: '' },
  streamMemory: { title: 'memory per open stream', unit: 'KB' },
  abortsLeft: { title: 'upstream streams left 1 s after the clients aborted', unit: '' },
  abortDrain: { title: 'time until the last was cancelled upstream', unit: 'ms' },
  stalledPulled: { title: 'pulled from upstream per stalled reader', unit: 'MB' },
  stalledGrowth: { title: 'memory growth under 20 stalled readers, after their buffers filled', unit: 'MB' },
} as const satisfies Record<string, { title: string; unit: string }>;

export type MeasureId = keyof typeof measures;

/** One round's figures of one target. What could not be taken is absent. */
export type Figures = Partial<Record<MeasureId, number>>;
