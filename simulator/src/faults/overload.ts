import type { Json } from '../engine/simulated-call.ts';
import { refusalOf } from '../providers/provider.ts';
import type { ProviderError } from '../providers/provider.ts';
import type { FaultContext, FaultEffects, StreamStep } from './effects.ts';
import type { Fault } from './fault.ts';

const TOKENS_BEFORE = 3;

/** Status 200, then the provider's error inside the body: no generated event before it, or some. */
export function overloaded(fault: Fault, context: FaultContext): FaultEffects {
  const { provider, requestId } = context;
  const status = fault.status ?? (provider.id === 'anthropic' ? 529 : 503);
  const { name, ...settings } = fault;
  const error: ProviderError = { ...settings, status, requestId };
  const tokens = name === 'overloaded-mid-stream' ? Math.max(1, fault.afterFrames ?? TOKENS_BEFORE) : 0;
  return {
    reshapeReply: (reply) => ({
      ...reply,
      bytes: Buffer.from(JSON.stringify(refusalOf(provider, error).body)),
    }),
    *reshapeFrames(frames): Iterable<StreamStep> {
      let left = tokens;
      let sent = 0;
      let isArray = false;
      for (const frame of frames) {
        isArray ||= frame.text.startsWith('[');
        if (frame.isToken && left === 0) break;
        if (frame.isToken) left -= 1;
        sent += 1;
        yield frame;
      }
      yield {
        text: isArray ? arrayEnd(provider.errorBody(error), sent) : provider.streamError(error),
        isToken: false,
      };
      yield { ending: 'end' };
    },
  };
}

/** Some streams are one JSON array, sent piece by piece. */
function arrayEnd(body: Json, itemsBefore: number): string {
  return `${itemsBefore === 0 ? '[' : ',\r\n'}${JSON.stringify(body)}]`;
}
