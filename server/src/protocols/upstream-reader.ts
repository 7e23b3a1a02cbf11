import { createSseReader, type SseFrame } from '../platform/sse.ts';
import type { CanonicalEvent } from './canonical/events.ts';
import { parseObject } from './canonical/read-json.ts';
import type { CanonicalRequest } from './canonical/request.ts';
import type { Translation } from './wire-protocol.ts';

/** Upstream bytes to canonical events, in the two framings an upstream may answer with. */
export interface UpstreamReader {
  push(view: Buffer): readonly CanonicalEvent[];
  finish(): readonly CanonicalEvent[];
}

export const maxAnswerBytes = 32 * 1024 * 1024;

/** A stream of server-sent events. Throws `RangeError` on a frame without end. */
export function createSseEventReader(upstream: Translation, request: CanonicalRequest): UpstreamReader {
  const frames = createSseReader();
  const decoder = upstream.createDecoder(request);
  const decode = (list: readonly SseFrame[]): readonly CanonicalEvent[] =>
    list.flatMap((frame) => (frame.data === undefined ? [] : decoder.push(frame.event, frame.data)));
  return {
    push: (view) => decode(frames.push(view)),
    finish: () => [...decode(frames.finish()), ...decoder.finish()],
  };
}

/** A whole body, read at its end. */
export function createJsonReader(upstream: Translation, request: CanonicalRequest): UpstreamReader {
  const pieces: Buffer[] = [];
  let size = 0;
  return {
    push(view) {
      size += view.length;
      if (size <= maxAnswerBytes) pieces.push(Buffer.from(view));
      return [];
    },
    finish() {
      const body = size <= maxAnswerBytes ? parseObject(Buffer.concat(pieces).toString('utf8')) : undefined;
      if (body !== undefined) return upstream.decodeUnary(body, request);
      const message = 'The upstream answered with something that is not JSON.';
      return [{ type: 'error', error: { code: 'upstream_protocol', message } }];
    },
  };
}
