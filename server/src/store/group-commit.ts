import { RelayError } from '../domain/errors.ts';
import { CallKinds } from './call-kinds.ts';
import { callWidth, encodeCall } from './call-row.ts';
import type { CallId, OrganizationId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import type { CallRecord } from '../ledger/call-record.ts';
import type { Cell, SentCell } from './call-row.ts';
import type { CommitBatch, CommitFailures } from './settlement-writer.ts';

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: RelayError) => void;
}

/** A larger batch would hold up reads behind it for too long (about 20 ms). */
const largestBatch = 2_000;

/**
 * A commit costs the processor about as much as writing 30 calls (the sync, two thread switches). So when commits come
 * with several calls each, which means load, the next one waits for more to share it, but never long. A lone call
 * never waits.
 */
const gatherAfter = 4;
const gatherUpTo = 32;
const gatherMs = 4;

function storeFailure(reason: string): RelayError {
  return new RelayError(
    'internal',
    { message: 'The account book could not be written. The operator must look at the disk of the relay.' },
    new Error(reason),
  );
}

/**
 * Gathers settlements while a commit is in flight and hands them over as one message. When the worker is idle a
 * settlement leaves at the end of the current turn of the event loop: no timer, and calls that end in the same turn
 * share a commit. Under load a commit waits a few milliseconds at most.
 */
export class GroupCommit {
  readonly #post: (batch: CommitBatch) => void;
  readonly #kinds = new CallKinds();
  #calls: SentCell[] = [];
  #waiting: Waiting[] = [];
  #inFlight: readonly Waiting[] | undefined;
  #isScheduled = false;
  #gathering: NodeJS.Timeout | undefined;
  #goneBecause: string | undefined;
  /** Marks not handed over yet, and those that the database knows of. */
  readonly #newMarks = new Map<CallId, readonly [OrganizationId, EpochMs]>();
  readonly #written = new Set<CallId>();
  #closedMarks: CallId[] = [];
  readonly #idle: (() => void)[] = [];

  constructor(post: (batch: CommitBatch) => void) {
    this.#post = post;
  }

  /** Resolves when the record is durable; rejects with a `RelayError` when it could not be written. */
  settle(record: CallRecord): Promise<void> {
    return new Promise((resolve, reject) => this.#enqueue(record, { resolve, reject }));
  }

  markOpen(callId: CallId, organizationId: OrganizationId, startedAt: EpochMs): void {
    this.#newMarks.set(callId, [organizationId, startedAt]);
    this.#schedule();
  }

  /** The worker's answer to the batch in flight. */
  committed(failures: CommitFailures): void {
    const done = this.#inFlight ?? [];
    this.#inFlight = undefined;
    // Hand over the next batch first: the worker writes it while the waiters of this one run.
    if (done.length >= gatherAfter && this.#waiting.length < gatherUpTo) this.#gather();
    else this.#flush();
    const reasons = failures.length === 0 ? undefined : new Map(failures);
    done.forEach((waiter, index) => {
      const reason = reasons?.get(index);
      if (reason === undefined) waiter.resolve();
      else waiter.reject(storeFailure(reason));
    });
  }

  /** The worker is gone: everything that waits fails. */
  abandon(reason: string): void {
    this.#goneBecause = reason;
    clearTimeout(this.#gathering);
    const lost = [...(this.#inFlight ?? []), ...this.#waiting];
    this.#inFlight = undefined;
    this.#waiting = [];
    this.#calls = [];
    for (const waiter of lost) waiter.reject(storeFailure(reason));
    this.#wakeIdle();
  }

  /** Resolves when nothing waits and nothing is in flight. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      if (this.#goneBecause === undefined) this.#flush();
      else this.#wakeIdle();
    });
  }

  #enqueue(record: CallRecord, waiter: Waiting): void {
    if (this.#goneBecause !== undefined) {
      waiter.reject(storeFailure(this.#goneBecause));
      return;
    }
    try {
      encodeCall(record, this.#kinds.of(record), this.#calls);
    } catch (error) {
      waiter.reject(storeFailure(error instanceof Error ? error.message : 'unknown'));
      return;
    }
    this.#waiting.push(waiter);
    this.#closeMark(record.callId);
    this.#schedule();
  }

  /** Few calls are ever marked, and looking a fresh id up costs as much as writing half of its row. */
  #closeMark(callId: CallId): void {
    if (this.#newMarks.size + this.#written.size === 0) return;
    if (!this.#newMarks.delete(callId) && this.#written.delete(callId)) this.#closedMarks.push(callId);
  }

  #gather(): void {
    if (this.#idle.length > 0) this.#flush();
    else this.#gathering ??= setTimeout(() => this.#flush(), gatherMs);
  }

  #schedule(): void {
    if (this.#isScheduled || this.#inFlight !== undefined) return;
    if (this.#gathering !== undefined && this.#waiting.length < gatherUpTo) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#inFlight !== undefined || this.#goneBecause !== undefined) return;
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    if (this.#waiting.length === 0 && this.#newMarks.size === 0 && this.#closedMarks.length === 0) {
      this.#wakeIdle();
      return;
    }
    const marks = this.#takeMarks();
    const isWhole = this.#waiting.length <= largestBatch;
    const cells = isWhole ? this.#calls.length : largestBatch * callWidth;
    const calls = isWhole ? this.#calls : this.#calls.slice(0, cells);
    this.#inFlight = isWhole ? this.#waiting : this.#waiting.slice(0, largestBatch);
    this.#calls = isWhole ? [] : this.#calls.slice(cells);
    this.#waiting = isWhole ? [] : this.#waiting.slice(largestBatch);
    // A mark must not close before its call is written, so a split batch leaves them to the last part.
    const closedMarks = isWhole ? this.#closedMarks : [];
    if (isWhole) this.#closedMarks = [];
    this.#post({ calls, marks, closedMarks });
  }

  #takeMarks(): Cell[] {
    const marks: Cell[] = [];
    for (const [callId, [organizationId, startedAt]] of this.#newMarks) {
      marks.push(callId, organizationId, startedAt);
      this.#written.add(callId);
    }
    this.#newMarks.clear();
    return marks;
  }

  #wakeIdle(): void {
    for (const wake of this.#idle.splice(0)) wake();
  }
}
