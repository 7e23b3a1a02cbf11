import type { CommitBatch, CommitFailures } from './settlement-writer.ts';
import type { Operations } from './operations.ts';

/** What the two threads say to each other. The worker answers in the order it was asked. */
export type ToWorker =
  | { readonly kind: 'commit'; readonly batch: CommitBatch }
  | {
      readonly kind: 'operation';
      readonly id: number;
      readonly name: keyof Operations;
      readonly args: unknown;
    }
  | { readonly kind: 'watch'; readonly everyMs: number }
  | { readonly kind: 'close' };

export type FromWorker =
  | { readonly kind: 'opened' }
  | { readonly kind: 'not-opened'; readonly reason: string }
  | { readonly kind: 'committed'; readonly failures: CommitFailures }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'fault'; readonly id: number; readonly reason: string }
  | { readonly kind: 'changed' }
  | { readonly kind: 'closed' };

export interface WorkerSettings {
  readonly path: string;
  readonly owner: string;
  readonly openedAt: number;
}
