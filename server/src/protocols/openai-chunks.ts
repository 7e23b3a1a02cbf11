import type { RelayError } from '../domain/errors.ts';
import { SseFraming, type SseFrame } from '../platform/sse.ts';
import { asList, asShape, asText, parseShape, textBytes, type Shape } from './json-shape.ts';
import { KeyWatch } from './key-watch.ts';
import { openAiUsage } from './openai-usage.ts';
import { createPassthroughPipe } from './stream-pipe.ts';
import type { FrameReading, MeteredUsage, StreamRules } from './stream-rules.ts';
import { readUnaryBody } from './unary-reading.ts';
import { isShowable, readErrorInside } from './upstream-failure.ts';
import type { Envelope, StreamPipe, UnaryReading } from './wire-protocol.ts';

/** Chat Completions and its ancestor Completions stream and answer alike: `choices`, `finish_reason`, `usage`. */
const labels = new Set([
  'role',
  'id',
  'type',
  'index',
  'format',
  'signature',
  'encrypted_content',
  'finish_reason',
  'native_finish_reason',
  'logprobs',
]);
/** Keys whose value makes a chunk more than text. */
const telling = new KeyWatch(['usage', 'finish_reason', 'error']);
const doneMark = '[DONE]';
const letterD = 0x64;
const openBrace = 0x7b;

export function createChunkPipe(envelope: Envelope): StreamPipe {
  return createPassthroughPipe(new SseFraming(), new ChunkRules(envelope.wantsStreamUsage));
}

class ChunkRules implements StreamRules {
  readonly #wantsUsage: boolean;
  #finishReason: string | undefined;

  constructor(wantsUsage: boolean) {
    this.#wantsUsage = wantsUsage;
  }

  /** `data: {...}` without usage, finish reason or error. */
  isPlain(bytes: Buffer, start: number, end: number): boolean {
    if (bytes[start] !== letterD) return false;
    const body = bytes[start + 5] === openBrace ? start + 5 : start + 6;
    return bytes[body] === openBrace && telling.find(bytes, body, end) === -1;
  }

  read(frame: SseFrame): FrameReading | undefined {
    const data = frame.data ?? '';
    if (data.trim() === doneMark) return { kind: 'terminal' };
    const chunk = parseShape(data);
    if (chunk === undefined) return undefined;
    if (Boolean(chunk['error']) || frame.event === 'error') return this.#readError(chunk, data);
    const choices = asList(chunk['choices']).map(asShape);
    for (const choice of choices) this.#finishReason ??= asText(choice?.['finish_reason']);
    const metered = chunkUsage(chunk);
    const bytes = choices.reduce((sum, choice) => sum + contentBytes(choice), 0);
    const servedModel = asText(chunk['model']);
    const isExtra = !this.#wantsUsage && choices.length === 0 && metered !== undefined;
    return {
      kind: isExtra ? 'stripped' : bytes > 0 ? 'generated' : 'lifecycle',
      textBytes: bytes,
      ...(metered === undefined ? {} : { metered }),
      ...(servedModel === undefined ? {} : { servedModel }),
    };
  }

  #readError(chunk: Shape, data: string): FrameReading {
    const failure: RelayError | undefined = readErrorInside(chunk);
    const metered = chunkUsage(chunk);
    return {
      kind: 'error',
      ...(failure === undefined ? {} : { failure, isFailureShown: isShowable(failure, data) }),
      ...(metered === undefined ? {} : { metered }),
    };
  }

  /** Some servers never send the end mark; a finish reason says as much. */
  isComplete(): boolean {
    return this.#finishReason !== undefined;
  }

  isEmptyByIntent(): boolean {
    return this.#finishReason === 'content_filter';
  }
}

/** Usage stands at the top, in Groq's `x_groq`, or (Moonshot) within the first choice. */
function chunkUsage(chunk: Shape): MeteredUsage | undefined {
  const report =
    asShape(chunk['usage']) ??
    asShape(asShape(chunk['x_groq'])?.['usage']) ??
    asShape(asShape(asList(chunk['choices'])[0])?.['usage']);
  return report === undefined ? undefined : openAiUsage(report, chunk);
}

function contentBytes(choice: Shape | undefined): number {
  if (choice === undefined) return 0;
  return (
    textBytes(choice['delta'], labels) +
    textBytes(choice['text'], labels) +
    textBytes(choice['message'], labels)
  );
}

export function readChunkUnary(body: Buffer, envelope: Envelope): UnaryReading {
  return readUnaryBody(body, envelope, (answer) => {
    if (Boolean(answer['error']) || !Array.isArray(answer['choices'])) return undefined;
    const choices = asList(answer['choices']).map(asShape);
    return {
      metered: chunkUsage(answer),
      contentBytes: () => choices.reduce((sum, choice) => sum + contentBytes(choice), 0),
      isEmptyByIntent: choices.some((choice) => choice?.['finish_reason'] === 'content_filter'),
      servedModel: asText(answer['model']),
    };
  });
}
