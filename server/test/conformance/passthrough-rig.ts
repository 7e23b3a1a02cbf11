import type { UsageReading } from '../../src/domain/usage.ts';
import type { StreamPhase, StreamPipe } from '../../src/protocols/wire-protocol.ts';

/** Everything a passthrough of one stream has to show. */
export interface PipeRun {
  readonly delivered: string;
  readonly withheld: string;
  readonly phase: StreamPhase;
  readonly failure: string | undefined;
  readonly reading: UsageReading;
  readonly servedModel: string | undefined;
}

/** Feeds the reads through one buffer that is overwritten after each, as a socket's is. */
export function runPipe(pipe: StreamPipe, reads: readonly Buffer[], inputEstimate: number): PipeRun {
  const delivered: Buffer[] = [];
  for (const read of reads) {
    const view = Buffer.from(read);
    delivered.push(Buffer.from(pipe.push(view)));
    view.fill(0);
  }
  delivered.push(Buffer.from(pipe.finish()));
  return {
    delivered: Buffer.concat(delivered).toString(),
    withheld: pipe.terminalBytes().toString(),
    phase: pipe.phase,
    failure: pipe.failure?.code,
    reading: pipe.reading(inputEstimate),
    servedModel: pipe.servedModel(),
  };
}

export function cutEvenly(bytes: Buffer, size: number): Buffer[] {
  const reads: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) reads.push(bytes.subarray(at, at + size));
  return reads;
}
