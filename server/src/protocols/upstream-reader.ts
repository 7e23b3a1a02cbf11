import { createSseReader, type SseFrame } from '../platform/sse.ts';
import type { CanonicalEvent } from './canonical/events.ts';
import { parseObject } from './canonical/read-json.ts';
import type { CanonicalRequest } from './canonical/request.ts';
import type { UpstreamTranslation } from './wire-protocol.ts';

/** Upstream bytes to canonical events, in the two framings an upstream may answer with. */
export interface UpstreamReader {
  push(view: Buffer): readonly CanonicalEvent[];
  finish(): readonly CanonicalEvent[];
}

export const maxAnswerBytes = 32 * 1024 * 1024;

/**
 * Reads what the upstream sends: a stream of events, or one whole JSON body where it did not stream although asked to.
 * Nothing that opens an event stream begins with a brace. Throws `RangeError` on a frame without end.
 */
export function createUpstreamReader(
  upstream: UpstreamTranslation,
  request: CanonicalRequest,
): UpstreamReader {
  let reader: UpstreamReader | undefined;
  return {
    push(view) {
      if (reader === undefined) {
        const first = view.find((byte) => !blanks.has(byte));
        if (first === undefined) return [];
        reader = first === brace ? jsonReader(upstream, request) : sseReader(upstream, request);
      }
      return reader.push(view);
    },
    finish: () => (reader ?? sseReader(upstream, request)).finish(),
  };
}

const brace = 0x7b;
/** Space, tab, line ends, and the three bytes of a byte order mark. */
const blanks: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

function sseReader(upstream: UpstreamTranslation, request: CanonicalRequest): UpstreamReader {
  const frames = createSseReader();
  const decoder = upstream.createDecoder(request);
  const decode = (list: readonly SseFrame[]): readonly CanonicalEvent[] =>
    list.flatMap((frame) => (frame.data === undefined ? [] : decoder.push(frame.event, frame.data)));
  return {
    push: (view) => decode(frames.push(view)),
    finish: () => [...decode(frames.finish()), ...decoder.finish()],
  };
}

function jsonReader(upstream: UpstreamTranslation, request: CanonicalRequest): UpstreamReader {
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
