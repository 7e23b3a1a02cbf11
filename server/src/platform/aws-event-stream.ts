/**
 * Framing of AWS event streams: bytes in, messages out, whatever way the bytes were split. A message is a length, the
 * length of its headers, a checksum of both, headers, payload and a checksum of all. Knows no JSON and no protocol.
 */
import { crc32 } from 'node:zlib';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { UnfinishedFrame } from './sse.ts';

export interface EventStreamMessage {
  /** `event`, `exception` or `error`; any other is for its reader to judge. */
  readonly kind: string;
  /** `:event-type`, `:exception-type` or `:error-code`, whichever goes with the kind. */
  readonly type: string;
  /** `:error-message` of an `error`, which has no payload. */
  readonly errorMessage: string | undefined;
  /** Valid only until the next read. */
  readonly payload: Buffer;
}

export interface EventStreamReader {
  /** Messages that this read completed; none any more once there is a fault. */
  push(view: Buffer): readonly EventStreamMessage[];
  /** What is wrong with the bytes: not an event stream, or a message larger than the limit. */
  readonly fault: string | undefined;
}

class EventStreamFault extends Error {}

/** A payload of 1 MiB in base64, its envelope and padding. */
export const maxMessageBytes = 2 * 1024 * 1024;
const preludeBytes = 12;
/** Prelude and the checksum at the end. */
const leastBytes = 16;

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8')),
  (text) => Buffer.from(text, 'utf8'),
);

export function createEventStreamReader(): EventStreamReader {
  const unfinished = new UnfinishedFrame();
  let fault: string | undefined;
  return {
    get fault() {
      return fault;
    },
    push(view) {
      if (fault !== undefined) return [];
      const bytes = unfinished.join(view);
      const messages: EventStreamMessage[] = [];
      let start = 0;
      try {
        for (let end = messageEnd(bytes, 0); end !== -1; end = messageEnd(bytes, start)) {
          messages.push(readMessage(bytes.subarray(start, end)));
          start = end;
        }
      } catch (error) {
        // The codec's own words quote the bytes.
        fault = error instanceof EventStreamFault ? error.message : 'a broken message';
        return messages;
      }
      unfinished.keep(bytes, start);
      return messages;
    },
  };
}

/** End of the message that begins at `start`, or -1 while it is not whole. Checks the prelude as soon as it is there. */
function messageEnd(bytes: Buffer, start: number): number {
  if (bytes.length - start < preludeBytes) return -1;
  const size = bytes.readUInt32BE(start);
  if (crc32(bytes.subarray(start, start + 8)) !== bytes.readUInt32BE(start + 8)) {
    throw new EventStreamFault('a message whose checksum is wrong');
  }
  if (size < leastBytes || size > maxMessageBytes) {
    throw new EventStreamFault('a message whose size is out of bounds');
  }
  return bytes.length - start < size ? -1 : start + size;
}

function readMessage(bytes: Buffer): EventStreamMessage {
  const { headers, body } = codec.decode(bytes);
  const text = (name: string): string | undefined => {
    const value = headers[name]?.value;
    return typeof value === 'string' ? value : undefined;
  };
  return {
    kind: text(':message-type') ?? 'event',
    type: text(':event-type') ?? text(':exception-type') ?? text(':error-code') ?? '',
    errorMessage: text(':error-message'),
    payload: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
  };
}
