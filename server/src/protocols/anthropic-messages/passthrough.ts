import { RelayError } from '../../domain/errors.ts';
import { SseFraming, type SseFrame } from '../../platform/sse.ts';
import { asShape, asText, parseShape, textBytes, type Shape } from '../json-shape.ts';
import { createPassthroughPipe } from '../stream-pipe.ts';
import type { FrameReading, StreamRules } from '../stream-rules.ts';
import { isShowable, readErrorInside } from '../upstream-failure.ts';
import type { Envelope, StreamPipe } from '../wire-protocol.ts';
import { anthropicUsage, blockLabels, isEmptyStop, mergeReports } from './meter.ts';

export function createMessagesPipe(envelope: Envelope): StreamPipe {
  return createPassthroughPipe(new SseFraming(), new MessageRules(envelope.maxOutputTokens === 0));
}

const deltaLine = Buffer.from('event: content_block_delta');
const lf = 0x0a;
const cr = 0x0d;

class MessageRules implements StreamRules {
  readonly #asksNoOutput: boolean;
  #report: Shape = {};
  #stopReason: string | undefined;

  constructor(asksNoOutput: boolean) {
    this.#asksNoOutput = asksNoOutput;
  }

  isPlain(bytes: Buffer, start: number): boolean {
    for (let at = deltaLine.length - 1; at >= 0; at--) if (bytes[start + at] !== deltaLine[at]) return false;
    const after = bytes[start + deltaLine.length];
    return after === lf || after === cr;
  }

  read(frame: SseFrame): FrameReading | undefined {
    const data = parseShape(frame.data ?? '');
    if (data === undefined) return undefined;
    switch (asText(data['type']) ?? frame.event) {
      case 'message_start':
        return this.#start(asShape(data['message']) ?? {});
      case 'content_block_start':
        return blockReading(asShape(data['content_block']) ?? {}, true);
      case 'content_block_delta':
        return blockReading(asShape(data['delta']) ?? {}, false);
      case 'message_delta':
        return this.#delta(data);
      case 'message_stop':
        return { kind: 'terminal' };
      case 'error':
        return errorReading(data, frame.data ?? '');
      case undefined:
      default:
        return data['error'] === undefined ? { kind: 'lifecycle' } : errorReading(data, frame.data ?? '');
    }
  }

  /** The start knows the input; its output count is a placeholder until the end. */
  #start(message: Shape): FrameReading {
    const report = asShape(message['usage']);
    const servedModel = asText(message['model']);
    if (report !== undefined) this.#report = mergeReports(this.#report, report);
    return {
      kind: 'lifecycle',
      ...(report === undefined ? {} : { metered: { ...anthropicUsage(this.#report), isProvisional: true } }),
      ...(servedModel === undefined ? {} : { servedModel }),
    };
  }

  #delta(data: Shape): FrameReading {
    this.#stopReason = asText(asShape(data['delta'])?.['stop_reason']) ?? this.#stopReason;
    const report = asShape(data['usage']);
    if (report === undefined) return { kind: 'lifecycle' };
    this.#report = mergeReports(this.#report, report);
    return { kind: 'lifecycle', metered: anthropicUsage(this.#report) };
  }

  isComplete(): boolean {
    return false;
  }

  isEmptyByIntent(): boolean {
    return this.#asksNoOutput || isEmptyStop(this.#stopReason);
  }
}

/** A tool call begins to be an answer with its name, other blocks with their first content. */
function blockReading(block: Shape, isStart: boolean): FrameReading {
  const bytes = textBytes(block, blockLabels);
  const isOpaque = block['type'] === 'signature_delta' || block['type'] === 'citations_delta';
  const isAnswer = bytes > 0 || (!isStart && isOpaque);
  return isAnswer ? { kind: 'generated', textBytes: bytes } : { kind: 'lifecycle' };
}

function errorReading(data: Shape, text: string): FrameReading {
  const failure = readErrorInside(data) ?? new RelayError('upstream_failed');
  return { kind: 'error', failure, isFailureShown: isShowable(failure, text) };
}
