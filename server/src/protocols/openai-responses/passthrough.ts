import { RelayError } from '../../domain/errors.ts';
import { SseFraming, type SseFrame } from '../../platform/sse.ts';
import { asShape, asText, parseShape, type Shape } from '../json-shape.ts';
import { openAiError } from '../openai-errors.ts';
import { createPassthroughPipe } from '../stream-pipe.ts';
import type { FrameReading, StreamRules } from '../stream-rules.ts';
import { isShowable, readErrorInside } from '../upstream-failure.ts';
import { freeReading } from '../unary-reading.ts';
import type { Envelope, StreamPipe } from '../wire-protocol.ts';
import { encodeResponseFailed } from './errors.ts';
import { isEmptyByIntent, outputBytes, responseUsage } from './meter.ts';

export function createResponsePipe(envelope: Envelope): StreamPipe {
  const rules = new ResponseRules();
  const pipe = createPassthroughPipe(new SseFraming(), rules);
  // A stream that is read again was paid for when it was made.
  if (envelope.operation === 'stored') pipe.reading = () => freeReading;
  if (envelope.isBackground === true) pipe.goesOnAs = () => rules.unfinishedId();
  return pipe;
}

const eventStart = Buffer.from('event: response.');
/** Servers that send no event lines begin so. */
const dataStart = Buffer.from('data: {"type":"response.');
const deltaEnd = Buffer.from('.delta');
const maxNameBytes = 64;
const lf = 0x0a;
const cr = 0x0d;
const quote = 0x22;

const endings: ReadonlySet<string> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
]);

class ResponseRules implements StreamRules {
  #responseId: string | undefined;
  #sequence = -1;
  #hasDeltas = false;
  #isEmptyByIntent = false;
  #isOver = false;

  isPlain(bytes: Buffer, start: number): boolean {
    const isPlain = isNamedDelta(bytes, start);
    if (isPlain) this.#sequence++;
    return isPlain;
  }

  read(frame: SseFrame): FrameReading | undefined {
    const text = frame.data ?? '';
    if (text.trim() === '[DONE]') return { kind: 'lifecycle' };
    const data = parseShape(text);
    if (data === undefined) return undefined;
    const sequence = data['sequence_number'];
    this.#sequence = typeof sequence === 'number' ? sequence : this.#sequence + 1;
    const type = asText(data['type']) ?? frame.event ?? '';
    const response = asShape(data['response']);
    if (response !== undefined) this.#responseId ??= asText(response['id']);
    this.#isOver ||= endings.has(type);
    if (type === 'response.completed' || type === 'response.incomplete') return this.#end(response ?? {});
    if (type === 'response.failed') return failedReading(response ?? {}, text);
    if (type === 'error' || Boolean(data['error'])) return errorReading(data, text);
    if (type.endsWith('.delta') || type.endsWith('.partial_image')) return this.#delta(data);
    if (type === 'response.output_item.done' && !this.#hasDeltas)
      return wholeItem(asShape(data['item']) ?? {});
    const servedModel = asText(response?.['model']);
    return { kind: 'lifecycle', ...(servedModel === undefined ? {} : { servedModel }) };
  }

  #delta(data: Shape): FrameReading {
    this.#hasDeltas = true;
    const delta = asText(data['delta']) ?? asText(data['code']) ?? '';
    return { kind: 'generated', textBytes: Buffer.byteLength(delta) };
  }

  #end(response: Shape): FrameReading {
    this.#isEmptyByIntent = isEmptyByIntent(response) || outputBytes(response) > 0;
    const metered = responseUsage(response);
    const servedModel = asText(response['model']);
    return {
      kind: 'terminal',
      ...(metered === undefined ? {} : { metered }),
      ...(servedModel === undefined ? {} : { servedModel }),
    };
  }

  isComplete(): boolean {
    return false;
  }

  unfinishedId(): string | undefined {
    return this.#isOver ? undefined : this.#responseId;
  }

  isEmptyByIntent(): boolean {
    return this.#isEmptyByIntent;
  }

  /** Clients refuse a response whose id or numbering changes, so our end takes up this stream's. */
  encodeError(error: RelayError, callId: string): Buffer {
    return encodeResponseFailed(openAiError(error), {
      responseId: this.#responseId ?? `resp_${callId}`,
      sequence: this.#sequence + 1,
    });
  }
}

/** An item that came whole, without deltas, from a server that does not stream within items. */
function wholeItem(item: Shape): FrameReading {
  const type = asText(item['type']) ?? '';
  const isAnswer = ['message', 'function_call', 'custom_tool_call', 'image_generation_call'].includes(type);
  if (!isAnswer) return { kind: 'lifecycle' };
  return { kind: 'generated', textBytes: outputBytes({ output: [item] }) };
}

function failedReading(response: Shape, text: string): FrameReading {
  const failure = readErrorInside({ error: response['error'] }) ?? new RelayError('upstream_failed');
  const metered = responseUsage(response);
  return {
    kind: 'error',
    failure,
    isFailureShown: isShowable(failure, text),
    ...(metered === undefined ? {} : { metered }),
  };
}

function errorReading(data: Shape, text: string): FrameReading {
  const failure = readErrorInside(data) ?? new RelayError('upstream_failed');
  return { kind: 'error', failure, isFailureShown: isShowable(failure, text) };
}

/** `event: response.<name>.delta`, or the same name as the first field of a frame without event line. */
function isNamedDelta(bytes: Buffer, start: number): boolean {
  const isEvent = startsWith(bytes, start, eventStart);
  if (!isEvent && !startsWith(bytes, start, dataStart)) return false;
  const from = start + (isEvent ? eventStart.length : dataStart.length);
  for (let at = from; at < from + maxNameBytes; at++) {
    const byte = bytes[at];
    const isEnd = isEvent ? byte === lf || byte === cr : byte === quote;
    if (isEnd) return startsWith(bytes, at - deltaEnd.length, deltaEnd);
  }
  return false;
}

function startsWith(bytes: Buffer, at: number, expected: Buffer): boolean {
  for (let offset = expected.length - 1; offset >= 0; offset--) {
    if (bytes[at + offset] !== expected[offset]) return false;
  }
  return true;
}
