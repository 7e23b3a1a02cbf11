/**
 * The passthrough engine: whole frames go through as they came, a protocol's `StreamRules` say what each one means.
 * It gives out only whole frames, so the end of a terminal frame can never slip out before the settlement.
 */
import { RelayError } from '../domain/errors.ts';
import { noUsage, promptTokens, type UsageReading } from '../domain/usage.ts';
import { maxFrameBytes, UnfinishedFrame, type Framing, type SseFrame } from '../platform/sse.ts';
import type { FrameKind, FrameReading, MeteredUsage, StreamRules } from './stream-rules.ts';
import type { StreamPhase, StreamPipe } from './wire-protocol.ts';

const nothing = Buffer.alloc(0);
/** Above this a plain frame is parsed after all, so that signatures and the like do not count as text. */
const plainFrameBytes = 512;
const bytesPerToken = 4;

export function createPassthroughPipe(framing: Framing, rules: StreamRules): StreamPipe {
  return new PassthroughPipe(framing, rules);
}

class PassthroughPipe implements StreamPipe {
  phase: StreamPhase = 'opening';
  failure: RelayError | undefined;
  readonly encodeError?: (error: RelayError, callId: string) => Buffer;
  readonly #framing: Framing;
  readonly #rules: StreamRules;
  readonly #unfinished = new UnfinishedFrame();
  readonly #anomalies = new Set<string>();
  #withheld: Buffer[] = [];
  #withheldBytes = 0;
  #isWithholding = false;
  #hasFrames = false;
  #generatedFrames = 0;
  #generatedTokens = 0;
  /** Bytes of a delta frame that are not text, learned from the first one. */
  #overheadBytes = 0;
  #metered: MeteredUsage | undefined;
  #servedModel: string | undefined;

  constructor(framing: Framing, rules: StreamRules) {
    this.#framing = framing;
    this.#rules = rules;
    if (rules.encodeError !== undefined) this.encodeError = rules.encodeError.bind(rules);
  }

  push(view: Buffer): Buffer {
    if (this.phase === 'terminal' || this.phase === 'failed') return this.#afterEnd(view);
    const bytes = this.#unfinished.join(view);
    const framing = this.#framing;
    const rules = this.#rules;
    let start = 0;
    let out: Out | undefined;
    for (let end = framing.frameEnd(bytes, 0); end !== -1; end = framing.frameEnd(bytes, start)) {
      if (this.#canPassUnread(end - start) && rules.isPlain(bytes, start, end)) {
        this.#addGenerated(end - start - this.#overheadBytes);
      } else {
        const kind = this.#take(framing.parse(bytes, start, end), end - start);
        if (this.#isWithholding || (kind !== 'lifecycle' && kind !== 'generated')) {
          out ??= { pieces: [], from: 0 };
          this.#divert({ bytes, start, end }, kind, out);
        }
        if (this.#hasEnded()) return joined(out);
      }
      start = end;
    }
    return this.#endRead(bytes, start, out);
  }

  #canPassUnread(size: number): boolean {
    return (
      this.phase === 'generating' && !this.#isWithholding && size <= this.#overheadBytes + plainFrameBytes
    );
  }

  /** Keeps the unfinished frame and gives out what is whole. */
  #endRead(bytes: Buffer, start: number, out: Out | undefined): Buffer {
    if (bytes.length - start > maxFrameBytes) {
      this.#fail(
        new RelayError('upstream_protocol', { message: 'The upstream sent a stream frame over 1 MiB.' }),
      );
    } else {
      this.#unfinished.keep(bytes, start);
    }
    if (out === undefined) return start === bytes.length ? bytes : bytes.subarray(0, start);
    if (!this.#isWithholding && start > out.from) out.pieces.push(bytes.subarray(out.from, start));
    return joined(out);
  }

  /** Takes a frame out of the bytes given to the client. */
  #divert(frame: FrameSpan, kind: FrameKind, out: Out): void {
    const { bytes, start, end } = frame;
    if (start > out.from) out.pieces.push(bytes.subarray(out.from, start));
    // The end takes along all that came with it; the rest of a read that only nears the end is still to be read.
    if (this.#isWithholding && kind !== 'stripped') {
      this.#withhold(bytes.subarray(start, this.#hasEnded() ? bytes.length : end));
    }
    out.from = end;
  }

  #hasEnded(): boolean {
    return this.phase === 'terminal' || this.phase === 'failed';
  }

  #afterEnd(view: Buffer): Buffer {
    if (this.#withheldBytes > 0) this.#withhold(view);
    return nothing;
  }

  #withhold(bytes: Buffer): void {
    if (this.#withheldBytes + bytes.length > 2 * maxFrameBytes) {
      // A stream that goes on past its end is cut there; one that only neared its end is broken.
      if (!this.#hasEnded()) {
        this.#fail(new RelayError('upstream_protocol', { message: 'The upstream did not end its stream.' }));
      }
      return;
    }
    this.#withheld.push(Buffer.from(bytes));
    this.#withheldBytes += bytes.length;
  }

  /** Reads one frame and moves the phase. */
  #take(frame: SseFrame, size: number): FrameKind {
    if (frame.data === undefined) return 'lifecycle';
    this.#hasFrames = true;
    const reading = this.#rules.read(frame);
    if (reading === undefined) {
      this.#fail(new RelayError('upstream_protocol'));
      return 'error';
    }
    this.#servedModel ??= reading.servedModel;
    if (reading.metered !== undefined) this.#meter(reading.metered);
    switch (reading.kind) {
      case 'generated':
        this.#addFirst(reading.textBytes ?? 0, size);
        break;
      case 'closing':
        // Nothing of it is given out yet, so another candidate may still take over.
        if (reading.textBytes !== undefined) this.#addGenerated(reading.textBytes);
        this.#isWithholding = true;
        break;
      case 'terminal':
        this.#end();
        break;
      case 'error':
        this.#failInStream(reading);
        break;
      case 'lifecycle':
      case 'stripped':
        break;
    }
    return reading.kind;
  }

  #addFirst(textBytes: number, size: number): void {
    if (this.phase === 'opening') this.phase = 'generating';
    if (this.#overheadBytes === 0) this.#overheadBytes = Math.max(1, size - textBytes);
    this.#addGenerated(textBytes);
  }

  #addGenerated(textBytes: number): void {
    this.#generatedFrames++;
    this.#generatedTokens += textBytes > bytesPerToken ? Math.ceil(textBytes / bytesPerToken) : 1;
  }

  #failInStream(reading: FrameReading): void {
    const isShown = this.phase === 'generating' && reading.isFailureShown === true;
    this.#fail(reading.failure ?? new RelayError('upstream_failed'));
    // Withholding hands the upstream's own error frame to the client as the end of its stream.
    this.#isWithholding = isShown;
  }

  #fail(failure: RelayError): void {
    this.phase = 'failed';
    this.failure = failure;
    this.#withheld = [];
    this.#withheldBytes = 0;
    this.#isWithholding = false;
  }

  /** The answer is complete; with neither content nor output it is an upstream fault all the same. */
  #end(): void {
    if (this.#generatedFrames === 0 && this.#outputReported() === 0 && !this.#rules.isEmptyByIntent()) {
      this.#fail(new RelayError('upstream_empty'));
      return;
    }
    this.phase = 'terminal';
    this.#isWithholding = true;
  }

  #outputReported(): number {
    this.#noteLatest();
    return this.#metered?.usage.output ?? 0;
  }

  finish(): Buffer {
    if (this.#hasEnded()) return nothing;
    const rest = this.#unfinished.take();
    const out = rest.length === 0 ? nothing : this.#finishFrame(rest);
    if (this.#hasEnded()) return out;
    if (this.#rules.isComplete()) this.#end();
    else this.#fail(new RelayError(this.#hasFrames ? 'upstream_protocol' : 'upstream_empty'));
    return out;
  }

  /** The last frame came without its blank line: whole if it can be read, cut short if not. */
  #finishFrame(rest: Buffer): Buffer {
    const kind = this.#take(this.#framing.parse(rest, 0, rest.length), rest.length);
    if (kind === 'stripped') return nothing;
    if (!this.#isWithholding) return this.phase === 'failed' ? nothing : rest;
    this.#withhold(rest);
    return nothing;
  }

  terminalBytes(): Buffer {
    return this.#withheld.length === 1 ? (this.#withheld[0] ?? nothing) : Buffer.concat(this.#withheld);
  }

  servedModel(): string | undefined {
    return this.#servedModel;
  }

  reading(inputEstimate: number): UsageReading {
    this.#noteLatest();
    const metered = this.#metered;
    const anomalies = new Set(this.#anomalies);
    if (metered === undefined) {
      return {
        usage: { ...noUsage, input: inputEstimate, output: this.#generatedTokens },
        source: 'estimated',
        anomalies: [...anomalies],
      };
    }
    if (metered.isProvisional === true) {
      const output = Math.max(metered.usage.output, this.#generatedTokens);
      return { usage: { ...metered.usage, output }, source: 'estimated', anomalies: [...anomalies] };
    }
    const isZero = metered.usage.output === 0 || promptTokens(metered.usage) === 0;
    if (isZero && this.#generatedFrames > 0) anomalies.add('zero');
    return { usage: metered.usage, source: 'reported', anomalies: [...anomalies] };
  }

  #noteLatest(): void {
    const latest = this.#rules.latestMetered?.();
    if (latest !== undefined) this.#meter(latest);
  }

  #meter(next: MeteredUsage): void {
    for (const anomaly of next.anomalies) this.#anomalies.add(anomaly);
    const before = this.#metered;
    if (
      before !== undefined &&
      (next.usage.output < before.usage.output || promptTokens(next.usage) < promptTokens(before.usage))
    ) {
      this.#anomalies.add('shrinking');
    }
    this.#metered = next;
  }
}

interface FrameSpan {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Pieces of a read that are given out, and where the next piece begins. */
interface Out {
  readonly pieces: Buffer[];
  from: number;
}

function joined(out: Out | undefined): Buffer {
  if (out === undefined || out.pieces.length === 0) return nothing;
  return out.pieces.length === 1 ? (out.pieces[0] ?? nothing) : Buffer.concat(out.pieces);
}
