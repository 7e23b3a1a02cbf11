import { RelayError } from '../domain/errors.ts';
import { noUsage, promptTokens, type Usage, type UsageReading } from '../domain/usage.ts';
import { choicesOf } from './canonical/choices.ts';
import { createOutputEstimate } from './canonical/estimate-tokens.ts';
import type { CanonicalEvent, StopReason } from './canonical/events.ts';
import { addFolded } from './canonical/fold.ts';
import type { CanonicalRequest } from './canonical/request.ts';
import { createMender } from './canonical/mend-event.ts';
import { createStopFilter, type StopFilter } from './canonical/stop-filter.ts';
import { emptyByIntent } from './canonical/stop.ts';
import { failureOfEvent } from './upstream-failure.ts';
import { createUpstreamReader, maxAnswerBytes, type UpstreamReader } from './upstream-reader.ts';
import type {
  ClientTranslation,
  EventEncoder,
  StreamPhase,
  StreamPipe,
  UpstreamTranslation,
} from './wire-protocol.ts';

/**
 * The translation engine: upstream bytes of one protocol in, client bytes of another out, through canonical events.
 * Knows no protocol; begin at `createTranslationPipe` (streaming client) or `createFoldPipe` (unary client).
 */
interface TranslationPipeOptions {
  readonly upstream: UpstreamTranslation;
  readonly client: ClientTranslation;
  /** As the client asked; shapes what the client gets. */
  readonly request: CanonicalRequest;
  /** Name under which the upstream was asked; its decoder undoes what the encoder did for that model. */
  readonly upstreamModel?: string;
  /** Date of the answer where the upstream gives none. */
  readonly createdAtSeconds?: number;
  /** Id of the answer where the upstream gives none. */
  readonly answerId?: string;
  /** Prompt tokens to tell the client when the relay ends the answer before the upstream has counted them. */
  readonly inputEstimate?: number;
}

/** Streams to the client. Nothing leaves before the first generated event, so another candidate can still be tried. */
export function createTranslationPipe(options: TranslationPipeOptions): StreamPipe {
  const encoder = options.client.createEncoder(options.request);
  return new TranslationPipe(options, {
    push: (event) => encoder.push(event),
    isStreaming: true,
    encodeError: encoder.encodeError,
  });
}

/**
 * Folds the whole answer into one body, which is the pipe's terminal bytes. It stays `opening` to the end: the client
 * has nothing before it, so any failure leaves the next candidate open.
 */
export function createFoldPipe(options: TranslationPipeOptions): StreamPipe {
  const events: CanonicalEvent[] = [];
  return new TranslationPipe(options, {
    push(event) {
      addFolded(events, event);
      if (event.type !== 'end') return '';
      return JSON.stringify(options.client.encodeUnary(events, options.request));
    },
    isStreaming: false,
  });
}

interface EventSink {
  push(event: CanonicalEvent): string;
  readonly isStreaming: boolean;
  readonly encodeError?: EventEncoder['encodeError'];
}

const nothing = Buffer.alloc(0);

class TranslationPipe implements StreamPipe {
  phase: StreamPhase = 'opening';
  failure: RelayError | undefined;
  isCut = false;
  readonly encodeError?: NonNullable<StreamPipe['encodeError']>;
  readonly #reader: UpstreamReader;
  readonly #sink: EventSink;
  readonly #mend: ReturnType<typeof createMender>;
  readonly #filter: StopFilter | undefined;
  readonly #inputEstimate: number;
  readonly #estimate = createOutputEstimate();
  readonly #anomalies = new Set<string>();
  #usage: Usage | undefined;
  /** Usage that came before anything was generated holds no final count of output. */
  #isUsageFinal = false;
  #hasGenerated = false;
  #stop: StopReason | undefined;
  /** Answers asked for that have not ended yet. */
  #openChoices: number;
  #servedModel: string | undefined;
  #opening = '';
  #terminal = '';
  #answerBytes = 0;

  constructor(options: TranslationPipeOptions, sink: EventSink) {
    const { upstream, request, upstreamModel = request.model } = options;
    this.#reader = createUpstreamReader(upstream, { ...request, model: upstreamModel });
    this.#sink = sink;
    if (sink.encodeError !== undefined) this.encodeError = sink.encodeError;
    const { answerId = '', createdAtSeconds } = options;
    this.#mend = createMender({ answerId, createdAtSeconds });
    this.#inputEstimate = options.inputEstimate ?? 0;
    this.#openChoices = choicesOf(request);
    const hasStops = request.stop.some((stop) => stop !== '');
    this.#filter = hasStops ? createStopFilter(request.stop, this.#openChoices) : undefined;
  }

  push(view: Buffer): Buffer {
    if (this.#isOver()) return nothing;
    if (!this.#sink.isStreaming) this.#answerBytes += view.length;
    if (this.#answerBytes > maxAnswerBytes)
      return this.#failProtocol('The upstream answer is larger than 32 MiB.');
    return this.#read(() => this.#reader.push(view));
  }

  finish(): Buffer {
    if (this.#isOver()) return nothing;
    const out = this.#read(() => this.#reader.finish());
    if (!this.#isOver()) this.#failProtocol('The upstream ended the stream before its answer was complete.');
    return out;
  }

  #read(next: () => readonly CanonicalEvent[]): Buffer {
    let events: readonly CanonicalEvent[];
    try {
      events = next();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return this.#failProtocol('The upstream sent a stream frame over 1 MiB.');
    }
    let out = '';
    for (const [index, event] of events.entries()) {
      if (this.#isOver()) break;
      const mended = this.#mend(event);
      if (this.#filter === undefined) out += this.#take(mended);
      else out += this.#stopAt(this.#filter, mended, events.slice(index + 1));
    }
    return out === '' ? nothing : Buffer.from(out, 'utf8');
  }

  #stopAt(filter: StopFilter, event: CanonicalEvent, rest: readonly CanonicalEvent[]): string {
    let out = '';
    for (const kept of filter.push(event)) out += this.#take(kept);
    return filter.isDone && !this.#isOver() ? out + this.#endAtStop(rest) : out;
  }

  /**
   * A stop sequence ended the answer. What it used is known only where the same read brought it; the client is told the
   * estimate that it is charged by.
   */
  #endAtStop(rest: readonly CanonicalEvent[]): string {
    this.isCut = true;
    this.#isUsageFinal = false;
    const last = rest.findLast((event) => event.type === 'usage');
    if (last !== undefined) this.#noteUsage(last.usage);
    this.#isUsageFinal = last !== undefined;
    const { usage } = this.reading(this.#inputEstimate);
    this.#terminal += this.#sink.push({ type: 'usage', usage });
    return this.#take({ type: 'end' });
  }

  #isOver(): boolean {
    return this.phase === 'terminal' || this.phase === 'failed';
  }

  #failProtocol(message: string): Buffer {
    this.#fail(new RelayError('upstream_protocol', { message }));
    return nothing;
  }

  /** What the client may have now for this event. */
  #take(event: CanonicalEvent): string {
    this.#note(event);
    if (event.type === 'error') {
      this.#fail(failureOfEvent(event.error));
      return '';
    }
    if (event.type === 'end' && this.#isEmpty()) {
      this.#fail(new RelayError('upstream_empty'));
      return '';
    }
    const written = this.#sink.push(event);
    if (event.type === 'end') this.phase = 'terminal';
    if (this.#stop !== undefined) {
      this.#terminal += written;
      return this.phase === 'terminal' ? this.#release('') : '';
    }
    if (this.phase === 'opening' && !(this.#hasGenerated && this.#sink.isStreaming)) {
      this.#opening += written;
      return '';
    }
    this.phase = 'generating';
    return this.#release(written);
  }

  #release(written: string): string {
    if (this.#opening === '') return written;
    const opening = this.#opening;
    this.#opening = '';
    return opening + written;
  }

  #note(event: CanonicalEvent): void {
    switch (event.type) {
      case 'text-delta':
      case 'reasoning-delta':
      case 'refusal-delta':
        this.#estimate.add(event.text);
        this.#hasGenerated ||= event.text !== '';
        break;
      case 'tool-call-delta':
        this.#estimate.add(event.argumentsText);
        break;
      case 'tool-call-start':
        this.#estimate.add(event.name);
        this.#hasGenerated = true;
        break;
      case 'unknown-block':
        this.#hasGenerated = true;
        break;
      case 'reasoning-end':
        this.#hasGenerated ||= event.opaque !== undefined;
        break;
      case 'usage':
        this.#noteUsage(event.usage);
        break;
      case 'stop':
        this.#openChoices -= 1;
        if (this.#openChoices <= 0) this.#stop = event.reason;
        // A whole body tells its usage first; nothing can follow that would change it.
        this.#isUsageFinal ||= this.#usage !== undefined;
        break;
      case 'end':
        this.#stop ??= 'other';
        break;
      case 'start':
        this.#servedModel ??= event.model;
        break;
      case 'text-start':
      case 'text-citation':
      case 'text-end':
      case 'reasoning-start':
      case 'tool-call-end':
      case 'ping':
      case 'error':
        break;
    }
  }

  #noteUsage(usage: Usage): void {
    const before = this.#usage;
    const isLess =
      before !== undefined && (usage.output < before.output || promptTokens(usage) < promptTokens(before));
    if (isLess) this.#anomalies.add('shrinking');
    this.#usage = usage;
    this.#isUsageFinal = this.#hasGenerated;
  }

  #isEmpty(): boolean {
    const hasReason = this.#stop !== undefined && emptyByIntent.has(this.#stop);
    return !this.#hasGenerated && !hasReason && (this.#usage?.output ?? 0) === 0;
  }

  #fail(failure: RelayError): void {
    this.phase = 'failed';
    this.failure = failure;
    this.#opening = '';
    this.#terminal = '';
  }

  terminalBytes(): Buffer {
    return Buffer.from(this.#terminal, 'utf8');
  }

  servedModel(): string | undefined {
    return this.#servedModel;
  }

  reading(inputEstimate: number): UsageReading {
    const usage = this.#usage;
    const estimated = this.#estimate.tokens();
    const anomalies = new Set(this.#anomalies);
    if (usage === undefined) {
      const guess = { ...noUsage, input: inputEstimate, output: estimated };
      return { usage: guess, source: 'estimated', anomalies: [...anomalies] };
    }
    if (!this.#isUsageFinal) {
      const known = { ...usage, output: Math.max(usage.output, estimated) };
      return { usage: known, source: 'estimated', anomalies: [...anomalies] };
    }
    if (usage.output === 0 && this.#hasGenerated) anomalies.add('zero');
    return { usage, source: 'reported', anomalies: [...anomalies] };
  }
}
