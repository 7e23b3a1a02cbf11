import type { StreamPipe } from '../protocols/wire-protocol.ts';
import type { StreamUnwrapper } from '../upstreams/carriage.ts';

/** A pipe for a stream that a carrier wraps in frames of its own: unwraps each read, then hands it on. */
export function createUnwrappingPipe(pipe: StreamPipe, unwrapper: StreamUnwrapper): StreamPipe {
  return {
    push: (view) => pipe.push(unwrapper.push(view)),
    finish: () => pipe.finish(),
    get phase() {
      return unwrapper.failure === undefined ? pipe.phase : 'failed';
    },
    get failure() {
      return unwrapper.failure ?? pipe.failure;
    },
    get isCut() {
      return pipe.isCut === true;
    },
    terminalBytes: () => pipe.terminalBytes(),
    reading: (inputEstimate) => pipe.reading(inputEstimate),
    servedModel: () => pipe.servedModel(),
    goesOnAs: () => pipe.goesOnAs?.(),
    ...(pipe.encodeError === undefined
      ? {}
      : { encodeError: (error, callId) => pipe.encodeError?.(error, callId) ?? Buffer.alloc(0) }),
  };
}
