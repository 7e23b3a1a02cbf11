import { RelayError } from '../domain/errors.ts';
import type { ClientSink } from '../platform/client-sink.ts';
import type { Ticker } from '../platform/ticker.ts';
import type { ClientPresence } from './arrival.ts';
import type { LiveStream } from './live-stream.ts';

/** How a delivery ended, before its last bytes are written. */
export type DeliveryEnd =
  | { readonly type: 'complete' }
  | { readonly type: 'broken'; readonly error: RelayError }
  | { readonly type: 'disconnected' }
  | { readonly type: 'hold-exhausted'; readonly error: RelayError };

export interface DeliverOptions {
  readonly ticker: Ticker;
  readonly presence: ClientPresence;
  /** Bytes that clients of this protocol skip; empty where there are none. */
  readonly keepAlive: Buffer;
  readonly keepAliveMs: number;
  /** Called about every `extendEveryBytes` delivered; false stops the call because the wallet cannot cover more. */
  coversMore(): boolean;
  /** `drain`: read on after the client left, within limits, to learn the true usage. */
  readonly onDisconnect: 'cancel' | 'drain';
}

const extendEveryBytes = 8 * 1024;
const drainMaxMs = 30_000;
const drainMaxBytes = 1024 * 1024;

/**
 * Moves a committed stream to the client until the terminal frame, which stays in the pipe. Back-pressure both ways, no
 * promise per read; the client leaving cancels the upstream at once.
 */
export function deliverStream(
  live: LiveStream,
  sink: ClientSink,
  options: DeliverOptions,
): Promise<DeliveryEnd> {
  const { promise, resolve } = Promise.withResolvers<DeliveryEnd>();
  let bytesUntilExtension = extendEveryBytes;
  let lastWriteMs = performance.now();
  let isAtFrameEnd = true;
  let drainedBytes = 0;
  let drainUntilMs = Number.POSITIVE_INFINITY;
  let ending: DeliveryEnd | undefined;

  const finish = (end: DeliveryEnd): void => {
    stopTicking();
    stopWatching();
    resolve(ending ?? end);
  };

  const write = (bytes: Buffer): void => {
    if (ending !== undefined) {
      drainedBytes += bytes.length;
      if (drainedBytes > drainMaxBytes) live.cancel(new RelayError('client_gone'));
      return;
    }
    bytesUntilExtension -= bytes.length;
    if (bytesUntilExtension <= 0) {
      bytesUntilExtension = extendEveryBytes;
      if (!options.coversMore()) {
        ending = { type: 'hold-exhausted', error: new RelayError('hold_exhausted') };
        live.cancel(ending.error);
        return;
      }
    }
    lastWriteMs = performance.now();
    isAtFrameEnd = endsFrame(bytes);
    if (!sink.write(bytes)) live.pause();
  };

  const stopTicking = options.ticker.add((now) => {
    if (now > drainUntilMs) live.cancel(new RelayError('client_gone'));
    const isSilent = now - lastWriteMs > options.keepAliveMs;
    if (!isSilent || !isAtFrameEnd || ending !== undefined || options.keepAlive.length === 0) return;
    lastWriteMs = now;
    if (!sink.write(options.keepAlive)) live.pause();
  });
  const stopWatching = options.presence.onGone(() => {
    ending ??= { type: 'disconnected' };
    if (options.onDisconnect === 'cancel') live.cancel(new RelayError('client_gone'));
    else {
      drainUntilMs = performance.now() + drainMaxMs;
      live.resume();
    }
  });
  sink.onDrain(() => live.resume());
  live.attach({
    bytes: write,
    ended: () => finish({ type: 'complete' }),
    broken: (error) => finish({ type: 'broken', error }),
  });
  return promise;
}

const newline = 0x0a;
const carriageReturn = 0x0d;

/** A keep-alive may only stand between frames: after a blank line. */
function endsFrame(bytes: Buffer): boolean {
  const last = bytes.length - 1;
  if (bytes[last] !== newline) return false;
  return bytes[last - 1] === newline || (bytes[last - 1] === carriageReturn && bytes[last - 2] === newline);
}
