import type { FaultEffects } from './effects.ts';
import type { Fault } from './fault.ts';
import { endAfterFrames } from './stream-cut.ts';

const SLOW_MS = 1000;

export function stallBeforeHeaders(): FaultEffects {
  return {
    async beforeHeaders(channel) {
      await channel.untilClosed();
      return 'done';
    },
  };
}

export function stallAfterHeaders(): FaultEffects {
  return {
    async afterHeaders(channel) {
      await channel.untilClosed();
      return 'done';
    },
  };
}

/** Silence in the middle; the connection stays open until the client gives up. */
export function stallMidStream(fault: Fault): FaultEffects {
  return {
    reshapeFrames: (frames) => endAfterFrames(frames, fault.afterFrames, 'stall'),
    reshapeReply: (reply) => ({
      ...reply,
      bytes: reply.bytes.subarray(0, Math.floor(reply.bytes.length / 2)),
      contentLength: reply.bytes.length,
      ending: 'stall',
    }),
  };
}

export function slowFirstByte(fault: Fault): FaultEffects {
  return {
    async beforeHeaders(channel) {
      await channel.wait(fault.delayMs ?? SLOW_MS);
      return 'go-on';
    },
  };
}
