import { RelayError } from '../domain/errors.ts';
import { createEventStreamReader, type EventStreamMessage } from '../platform/aws-event-stream.ts';
import type { StreamUnwrapper } from './carriage.ts';

/** Messages of AWS's framing as the frames that the protocols' codecs read. */
export const eventStreamType = 'application/vnd.amazon.eventstream';

/** A message of Converse: its payload is the event, its header the event's name. */
export const converseFrame = (message: EventStreamMessage): string => frameOf(message.type, textOf(message));

/** A message of InvokeModel: an event of Anthropic's in base64, or an exception, told as Anthropic tells an error. */
export function claudeFrame(message: EventStreamMessage): string {
  if (message.kind !== 'event') return frameOf('error', JSON.stringify(claudeError(message)));
  const bytes = fieldOf(message.payload, 'bytes');
  if (bytes === undefined) return '';
  const event = Buffer.from(bytes, 'base64').toString('utf8');
  return frameOf(nameOf(event), event);
}

/**
 * Bytes that do not begin as a message are given on as they are: a whole body or server-sent events of something in
 * between, for the protocol to read or refuse. No message within bounds begins with anything but a zero.
 */
export function createUnwrapper(frame: (message: EventStreamMessage) => string): StreamUnwrapper {
  const reader = createEventStreamReader();
  let isFramed: boolean | undefined;
  let failure: RelayError | undefined;
  return {
    get failure() {
      return failure;
    },
    push(view) {
      if (view.length === 0) return view;
      isFramed ??= view[0] === 0;
      if (!isFramed) return view;
      const text = reader.push(view).map(frame).join('');
      if (reader.fault !== undefined) {
        failure ??= new RelayError('upstream_protocol', {
          message: `The upstream's stream holds ${reader.fault}.`,
        });
      }
      return Buffer.from(text, 'utf8');
    },
  };
}

/** Data must not break out of its line; JSON may be written over several. */
function frameOf(name: string, data: string): string {
  const line = data.includes('\n') || data.includes('\r') ? data.replaceAll(/[\r\n]+/g, ' ') : data;
  return `event: ${name}\ndata: ${line}\n\n`;
}

function textOf({ payload, errorMessage }: EventStreamMessage): string {
  return payload.length === 0 ? JSON.stringify({ message: errorMessage ?? '' }) : payload.toString('utf8');
}

const typeFirst = /^\{"type":"(\w+)"/;

function nameOf(event: string): string {
  return typeFirst.exec(event)?.[1] ?? fieldOf(Buffer.from(event), 'type') ?? 'unknown';
}

const errorTypes: Readonly<Record<string, string>> = {
  throttlingexception: 'rate_limit_error',
  serviceunavailableexception: 'overloaded_error',
  modelnotreadyexception: 'overloaded_error',
  modeltimeoutexception: 'timeout_error',
  validationexception: 'invalid_request_error',
};

function claudeError(message: EventStreamMessage): object {
  const sentence = fieldOf(message.payload, 'message') ?? message.errorMessage ?? message.type;
  const type = errorTypes[message.type.toLowerCase()] ?? 'api_error';
  return { type: 'error', error: { type, message: sentence } };
}

function fieldOf(payload: Buffer, name: string): string | undefined {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'));
    const field: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
    return typeof field === 'string' ? field : undefined;
  } catch {
    return undefined;
  }
}
