import type { FaultEffects } from './effects.ts';
import type { Fault } from './fault.ts';
import { endAfterFrames } from './stream-cut.ts';

const REFUSE_MS = 250;

/** The listening socket is closed for a while, so the next attempts meet ECONNREFUSED; this call loses its connection. */
export function refuse(fault: Fault): FaultEffects {
  return {
    async beforeHeaders(channel) {
      channel.refuseConnections(fault.delayMs ?? REFUSE_MS);
      await channel.reset();
      return 'done';
    },
  };
}

export function resetBeforeHeaders(fault: Fault): FaultEffects {
  return {
    async beforeHeaders(channel) {
      if (fault.delayMs !== undefined) await channel.wait(fault.delayMs);
      await channel.reset();
      return 'done';
    },
  };
}

export function resetMidHeaders(): FaultEffects {
  return {
    async beforeHeaders(channel) {
      await channel.writeRaw('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-half-a-hea');
      await channel.reset();
      return 'done';
    },
  };
}

/** A unary body breaks off half way; its content-length had promised the whole. */
export function resetMidStream(fault: Fault): FaultEffects {
  return {
    reshapeFrames: (frames) => endAfterFrames(frames, fault.afterFrames, 'reset'),
    reshapeReply: (reply) => ({
      ...reply,
      bytes: reply.bytes.subarray(0, Math.floor(reply.bytes.length / 2)),
      contentLength: reply.bytes.length,
      ending: 'reset',
    }),
  };
}
