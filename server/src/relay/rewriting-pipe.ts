import type { StreamPipe } from '../protocols/wire-protocol.ts';

/** A pipe whose client knows some ids by other names: whole frames in, the same frames out, ids rewritten. */
export function createRewritingPipe(pipe: StreamPipe, rewrite: (bytes: Buffer) => Buffer): StreamPipe {
  return {
    push: (view) => rewrite(pipe.push(view)),
    finish: () => rewrite(pipe.finish()),
    get phase() {
      return pipe.phase;
    },
    get failure() {
      return pipe.failure;
    },
    terminalBytes: () => rewrite(pipe.terminalBytes()),
    reading: (inputEstimate) => pipe.reading(inputEstimate),
    servedModel: () => pipe.servedModel(),
    goesOnAs: () => pipe.goesOnAs?.(),
    ...(pipe.encodeError === undefined
      ? {}
      : { encodeError: (error, callId) => rewrite(pipe.encodeError?.(error, callId) ?? Buffer.alloc(0)) }),
  };
}
