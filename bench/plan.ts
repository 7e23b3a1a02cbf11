/** How long and how often each thing is measured. */
export interface Plan {
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly unaryMs: number;
  readonly largeBodyMs: number;
  readonly streamChunks: number;
  readonly fullSpeedMs: number;
  readonly pacedMs: number;
  readonly heldStreams: number;
  readonly abortedStreams: number;
  /** Null: stalled readers are left out. */
  readonly stalledMs: number | null;
  /** No measurement starts after this; what is left then is printed as left out. */
  readonly budgetMs: number;
}

export const fullPlan: Plan = {
  rounds: 3,
  // A relay is much code: its compilers go on for about 20 s, and a service runs for months.
  warmUpMs: 30_000,
  unaryMs: 4_000,
  largeBodyMs: 2_000,
  streamChunks: 200,
  fullSpeedMs: 2_000,
  pacedMs: 3_000,
  heldStreams: 5_000,
  abortedStreams: 500,
  stalledMs: 3_000,
  budgetMs: 20 * 60_000,
};

/**
 * Fits into a minute with every target installed: one round, no stalled readers, and fewer open
 * streams, through the relay alone.
 */
export const quickPlan: Plan = {
  rounds: 1,
  warmUpMs: 2_400,
  unaryMs: 1_000,
  largeBodyMs: 800,
  streamChunks: 60,
  fullSpeedMs: 500,
  pacedMs: 1_000,
  heldStreams: 2_000,
  abortedStreams: 200,
  stalledMs: null,
  budgetMs: 46_000,
};
