import { RelayError } from '../domain/errors.ts';
import { callWidth, encodeCall } from './call-row.ts';
import type { CallId, OrganizationId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import type { CallRecord } from '../ledger/call-record.ts';
import type { Cell } from './call-row.ts';
import type { CommitBatch, CommitFailures } from './settlement-writer.ts';

/**
 * Gathers settlements while a commit is in flight and hands them over as one message. When the worker is idle a
 * settlement leaves at the end of the current turn of the event loop: no timer, and calls that end in the same turn
 * share a commit.
 */
export interface GroupCommit {
  settle(record: CallRecord): Promise<void>;
  markOpen(callId: CallId, organizationId: OrganizationId, startedAt: EpochMs): void;
  /** The worker's answer to the batch in flight. */
  committed(failures: CommitFailures): void;
  /** The worker is gone: everything that waits fails. */
  abandon(reason: string): void;
  /** Resolves when nothing waits and nothing is in flight. */
  drained(): Promise<void>;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: RelayError) => void;
}

/** A larger batch would hold up reads behind it for too long (about 20 ms). */
const largestBatch = 2_000;

function storeFailure(reason: string): RelayError {
  return new RelayError(
    'internal',
    { message: 'The account book could not be written. The operator must look at the disk of the relay.' },
    new Error(reason),
  );
}

export function createGroupCommit(post: (batch: CommitBatch) => void): GroupCommit {
  let calls: Cell[] = [];
  let waiting: Waiting[] = [];
  let inFlight: readonly Waiting[] | undefined;
  let isScheduled = false;
  let goneBecause: string | undefined;
  /** Marks not handed over yet, and those that the database knows of. */
  const newMarks = new Map<CallId, readonly [OrganizationId, EpochMs]>();
  const written = new Set<CallId>();
  let closedMarks: CallId[] = [];
  let idle: (() => void)[] = [];

  const takeMarks = (): Cell[] => {
    const marks: Cell[] = [];
    for (const [callId, [organizationId, startedAt]] of newMarks) {
      marks.push(callId, organizationId, startedAt);
      written.add(callId);
    }
    newMarks.clear();
    return marks;
  };

  const flush = (): void => {
    isScheduled = false;
    if (inFlight !== undefined || goneBecause !== undefined) return;
    if (waiting.length === 0 && newMarks.size === 0 && closedMarks.length === 0) {
      for (const wake of idle.splice(0)) wake();
      return;
    }
    const isWhole = waiting.length <= largestBatch;
    const batch = {
      calls: isWhole ? calls : calls.slice(0, largestBatch * callWidth),
      marks: takeMarks(),
      // A mark must not close before its call is written, so a split batch leaves them to the next one.
      closedMarks: isWhole ? closedMarks : [],
    };
    inFlight = isWhole ? waiting : waiting.slice(0, largestBatch);
    calls = isWhole ? [] : calls.slice(largestBatch * callWidth);
    waiting = isWhole ? [] : waiting.slice(largestBatch);
    if (isWhole) closedMarks = [];
    post(batch);
  };

  const schedule = (): void => {
    if (isScheduled || inFlight !== undefined) return;
    isScheduled = true;
    setImmediate(flush);
  };

  const enqueue = (record: CallRecord, waiter: Waiting): void => {
    if (goneBecause !== undefined) {
      waiter.reject(storeFailure(goneBecause));
      return;
    }
    try {
      encodeCall(record, calls);
    } catch (error) {
      waiter.reject(storeFailure(error instanceof Error ? error.message : 'unknown'));
      return;
    }
    waiting.push(waiter);
    if (!newMarks.delete(record.callId) && written.delete(record.callId)) closedMarks.push(record.callId);
    schedule();
  };

  return {
    settle: (record) => new Promise((resolve, reject) => enqueue(record, { resolve, reject })),
    markOpen(callId, organizationId, startedAt) {
      newMarks.set(callId, [organizationId, startedAt]);
      schedule();
    },
    committed(failures) {
      const done = inFlight ?? [];
      inFlight = undefined;
      // Hand over the next batch first: the worker writes it while the waiters of this one run.
      flush();
      const reasons = failures.length === 0 ? undefined : new Map(failures);
      done.forEach((waiter, index) => {
        const reason = reasons?.get(index);
        if (reason === undefined) waiter.resolve();
        else waiter.reject(storeFailure(reason));
      });
    },
    abandon(reason) {
      goneBecause = reason;
      for (const waiter of [...(inFlight ?? []), ...waiting]) waiter.reject(storeFailure(reason));
      inFlight = undefined;
      waiting = [];
      calls = [];
      for (const wake of idle.splice(0)) wake();
    },
    drained: () =>
      new Promise((resolve) => {
        if (goneBecause !== undefined) {
          resolve();
          return;
        }
        idle.push(resolve);
        schedule();
      }),
  };
}
