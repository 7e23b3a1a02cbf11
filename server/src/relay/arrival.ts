import type { CallId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import type { RequestTarget, WireProtocol } from '../protocols/wire-protocol.ts';

/** One client request, read whole, with everything the stages may know of it. */
export interface Arrival {
  readonly callId: CallId;
  readonly receivedAt: EpochMs;
  /** Monotonic ms at which the request head was complete. */
  readonly startedMs: number;
  readonly protocol: WireProtocol;
  readonly target: RequestTarget;
  readonly body: Buffer;
  /** Lower-case names; credentials and cookies are not among them. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The relay key as presented, wherever the client put it. */
  readonly presentedKey: string | undefined;
  readonly address: string;
}

/** Whether the client is still there. Listeners fire once. */
export interface ClientPresence {
  readonly isGone: boolean;
  /** Returns how to stop listening. Fires at once when the client has already gone. */
  readonly onGone: (listener: () => void) => () => void;
}

/** A presence and the switch that ends it. */
export function createPresence(): { readonly presence: ClientPresence; readonly leave: () => void } {
  const listeners = new Set<() => void>();
  let isGone = false;
  return {
    presence: {
      get isGone() {
        return isGone;
      },
      onGone(listener) {
        if (isGone) {
          listener();
          return () => undefined;
        }
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    leave() {
      if (isGone) return;
      isGone = true;
      for (const listener of listeners) listener();
      listeners.clear();
    },
  };
}
