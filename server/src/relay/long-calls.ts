import type { CallId, OrganizationId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import { Roster } from '../platform/roster.ts';
import type { Ticker } from '../platform/ticker.ts';

/** A call as the watch sees it; `startedMs` is monotonic. */
interface WatchedCall {
  readonly callId: CallId;
  readonly receivedAt: EpochMs;
  readonly startedMs: number;
}

/** Calls in flight, oldest first, so that those that take long can leave a durable trace. */
export interface LongCalls {
  /** Returns how to end the watch. */
  begin(call: WatchedCall, organizationId: OrganizationId): () => void;
}

/** Most calls are over before a mark would be worth writing. */
const longCallMs = 1_000;

/** Calls `mark` once for each call that is still in flight after a second. */
export function watchLongCalls(
  ticker: Ticker,
  mark: (callId: CallId, organizationId: OrganizationId, startedAt: EpochMs) => void,
): LongCalls {
  const waiting = new Roster<{
    call: WatchedCall;
    organizationId: OrganizationId;
    readonly leave: () => void;
  }>();
  ticker.add((nowMs) => {
    waiting.each(({ call, organizationId, leave }) => {
      // Order of arrival is age: the rest is younger.
      if (nowMs - call.startedMs < longCallMs) return false;
      leave();
      mark(call.callId, organizationId, call.receivedAt);
      return true;
    });
  });
  return {
    begin(call, organizationId) {
      const leave = (): void => waiting.leave(entry);
      const entry = waiting.join({ call, organizationId, leave });
      return leave;
    },
  };
}
