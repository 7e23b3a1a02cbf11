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
  /** A header by its lower-case name; credentials, cookies and what no stage needs are not to be had. */
  readonly header: (name: string) => string | undefined;
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

/** A presence and the switch that ends it; one is made for every call. */
export class Presence implements ClientPresence {
  isGone = false;
  #listeners: (() => void)[] = [];

  readonly onGone = (listener: () => void): (() => void) => {
    if (this.isGone) {
      listener();
      return nothing;
    }
    this.#listeners.push(listener);
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  };

  readonly leave = (): void => {
    if (this.isGone) return;
    this.isGone = true;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  };
}

const nothing = (): void => undefined;
