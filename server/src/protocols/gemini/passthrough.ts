import { RelayError } from '../../domain/errors.ts';
import { JsonArrayFraming } from '../../platform/json-array-framing.ts';
import { SseFraming, type Framing, type SseFrame } from '../../platform/sse.ts';
import { asList, asShape, asText, parseShape, type Shape } from '../json-shape.ts';
import { KeyWatch } from '../key-watch.ts';
import { createPassthroughPipe } from '../stream-pipe.ts';
import type { FrameReading, MeteredUsage, StreamRules } from '../stream-rules.ts';
import { isShowable, readErrorInside } from '../upstream-failure.ts';
import type { Envelope, StreamPipe } from '../wire-protocol.ts';
import { encodeGeminiArrayError, encodeGeminiStreamError } from './errors.ts';
import { contentBytes, geminiUsage, isBlocked, searchQueries } from './meter.ts';

export function createGeminiPipe(envelope: Envelope): StreamPipe {
  const isArray = envelope.streamForm !== undefined;
  const framing = isArray ? new JsonArrayFraming() : new SseFraming();
  return createPassthroughPipe(framing, new GeminiRules(framing, envelope.choices, isArray));
}

/** Keys that make a chunk more than plain text. */
const telling = new KeyWatch([
  'finishReason',
  'error',
  'promptFeedback',
  'webSearchQueries',
  'usageMetadata',
]);
const letterU = 0x75;

class GeminiRules implements StreamRules {
  readonly #framing: Framing;
  readonly #choices: number;
  readonly #isArray: boolean;
  readonly #finished = new Set<number>();
  /** The latest plain chunk with usage, unread: usage is cumulative, so only the last one counts. */
  #latest = Buffer.allocUnsafe(512);
  #latestBytes = 0;
  #searches = 0;
  #isBlocked = false;
  #hasContent = false;

  constructor(framing: Framing, choices: number, isArray: boolean) {
    this.#framing = framing;
    this.#choices = choices;
    this.#isArray = isArray;
  }

  isPlain(bytes: Buffer, start: number, end: number): boolean {
    let hasUsage = false;
    let at = telling.find(bytes, start, end);
    while (at !== -1 && bytes[at + 1] === letterU) {
      hasUsage = true;
      at = telling.find(bytes, at + 1, end);
    }
    if (at !== -1) return false;
    if (hasUsage) this.#keep(bytes, start, end);
    return true;
  }

  #keep(bytes: Buffer, start: number, end: number): void {
    if (end - start > this.#latest.length) this.#latest = Buffer.allocUnsafe((end - start) * 2);
    bytes.copy(this.#latest, 0, start, end);
    this.#latestBytes = end - start;
  }

  read(frame: SseFrame): FrameReading | undefined {
    const text = frame.data ?? '';
    const chunk = parseShape(text);
    if (chunk === undefined) return undefined;
    if (chunk['error'] !== undefined && chunk['error'] !== null) {
      const failure = readErrorInside(chunk) ?? new RelayError('upstream_failed');
      return { kind: 'error', failure, isFailureShown: !this.#isArray && isShowable(failure, text) };
    }
    this.#note(chunk);
    const report = asShape(chunk['usageMetadata']);
    const servedModel = asText(chunk['modelVersion']);
    const bytes = contentBytes(chunk);
    this.#hasContent ||= bytes > 0;
    if (report !== undefined) this.#latestBytes = 0;
    return {
      kind: this.#isOver(chunk) ? 'closing' : bytes > 0 ? 'generated' : 'lifecycle',
      ...(bytes > 0 ? { textBytes: bytes } : {}),
      ...(report === undefined ? {} : { metered: geminiUsage(report, this.#searches) }),
      ...(servedModel === undefined ? {} : { servedModel }),
    };
  }

  #note(chunk: Shape): void {
    this.#isBlocked ||= isBlocked(chunk);
    this.#searches = Math.max(this.#searches, searchQueries(chunk));
    for (const [position, item] of asList(chunk['candidates']).entries()) {
      const candidate = asShape(item);
      if (asText(candidate?.['finishReason']) === undefined) continue;
      const index = candidate?.['index'];
      this.#finished.add(typeof index === 'number' ? index : position);
    }
  }

  /** Usage and grounding may still follow, and only the end of the bytes ends the stream: from here all is withheld. */
  #isOver(chunk: Shape): boolean {
    return (
      this.#finished.size >= this.#choices ||
      asText(asShape(chunk['promptFeedback'])?.['blockReason']) !== undefined
    );
  }

  latestMetered(): MeteredUsage | undefined {
    if (this.#latestBytes === 0) return undefined;
    const frame = this.#framing.parse(this.#latest.subarray(0, this.#latestBytes), 0, this.#latestBytes);
    this.#latestBytes = 0;
    const report = asShape(parseShape(frame.data ?? '')?.['usageMetadata']);
    return report === undefined ? undefined : geminiUsage(report, this.#searches);
  }

  isComplete(): boolean {
    return this.#finished.size > 0 || this.#isBlocked;
  }

  isEmptyByIntent(): boolean {
    return this.#isBlocked;
  }

  encodeError(error: RelayError): Buffer {
    if (!this.#isArray) return encodeGeminiStreamError(error);
    return encodeGeminiArrayError(error, this.#hasContent);
  }
}
