import type { CallId, OrganizationId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Ticker } from '../platform/ticker.ts';

/** Calls in flight, oldest first, so that those that take long can leave a durable trace. */
export interface LongCalls {
  /** `startedMs` is monotonic. */
  begin(
    call: { callId: CallId; receivedAt: EpochMs; startedMs: number },
    organizationId: OrganizationId,
  ): void;
  end(callId: CallId): void;
}

/** Most calls are over before a mark would be worth writing. */
const longCallMs = 1_000;

interface Waiting {
  readonly organizationId: OrganizationId;
  readonly startedAt: EpochMs;
  readonly sinceMs: number;
}

/** Calls `mark` once for each call that is still in flight after a second. */
export function watchLongCalls(
  ticker: Ticker,
  mark: (callId: CallId, organizationId: OrganizationId, startedAt: EpochMs) => void,
): LongCalls {
  const waiting = new Map<CallId, Waiting>();
  ticker.add((nowMs) => {
    for (const [callId, { organizationId, startedAt, sinceMs }] of waiting) {
      // Insertion order is age: the rest is younger.
      if (nowMs - sinceMs < longCallMs) return;
      waiting.delete(callId);
      mark(callId, organizationId, startedAt);
    }
  });
  return {
    begin: ({ callId, receivedAt, startedMs }, organizationId) =>
      waiting.set(callId, { organizationId, startedAt: receivedAt, sinceMs: startedMs }),
    end: (callId) => waiting.delete(callId),
  };
}
