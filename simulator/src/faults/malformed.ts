import type { FaultEffects, StreamStep } from './effects.ts';
import type { Fault } from './fault.ts';

const PAGE =
  '<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n';
const GARBAGE = Buffer.from('00ff7b5d1b5b3133376d7b226120c3283a7d7d0d0aff', 'hex');

/** Half of the body, with an honest content-length: the JSON ends early, the exchange does not. */
export function truncatedJson(fault: Fault): FaultEffects {
  return {
    reshapeReply: (reply) => ({
      ...reply,
      bytes: reply.bytes.subarray(0, Math.floor(reply.bytes.length / 2)),
    }),
    *reshapeFrames(frames): Iterable<StreamStep> {
      let left = fault.afterFrames ?? 1;
      for (const frame of frames) {
        if (left === 0) {
          const cut = Math.max(8, Math.floor(frame.text.length * 0.6));
          yield { ...frame, text: frame.text.slice(0, cut) };
          break;
        }
        left -= 1;
        yield frame;
      }
      yield { ending: 'end' };
    },
  };
}

/** Bytes that are no text, no JSON and no event, under the right content type. */
export function garbage(fault: Fault): FaultEffects {
  return {
    reshapeReply: (reply) => ({ ...reply, bytes: GARBAGE }),
    *reshapeFrames(frames): Iterable<StreamStep> {
      let left = fault.afterFrames ?? 0;
      for (const frame of frames) {
        if (left === 0) break;
        left -= 1;
        yield frame;
      }
      yield { text: `data: {]${GARBAGE.toString('latin1')}[}\n\n`, isToken: false };
      yield { ending: 'end' };
    },
  };
}

/** The page of some proxy in between, even under status 200. */
export function htmlPage(fault: Fault): FaultEffects {
  return {
    async beforeHeaders(channel) {
      const headers = { 'content-type': 'text/html; charset=utf-8' };
      await channel.send({ status: fault.status ?? 200, headers, bytes: Buffer.from(PAGE) });
      return 'done';
    },
  };
}

export function emptyBody(): FaultEffects {
  return {
    reshapeReply: (reply) => ({ ...reply, bytes: Buffer.alloc(0) }),
    *reshapeFrames(): Iterable<StreamStep> {
      yield { ending: 'end' };
    },
  };
}
