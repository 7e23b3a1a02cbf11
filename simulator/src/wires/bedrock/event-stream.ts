import { EventStreamCodec } from '@smithy/eventstream-codec';
import type { Exchange, StreamFrame } from '../../engine/exchange.ts';

/**
 * Frames leave as AWS's event stream. Wires and faults write them as named events in text; what a fault spoils beyond
 * that form goes out as it is, and breaks the stream as it would.
 */
const EVENT_STREAM = 'application/vnd.amazon.eventstream';

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
);
const PADDING = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

export function sendEventStream(
  exchange: Exchange,
  frames: Iterable<StreamFrame>,
  form: 'invoke' | 'converse',
): Promise<void> {
  return exchange.sendBinaryStream(frames, {
    contentType: EVENT_STREAM,
    encode: (text) => encode(text, form),
  });
}

function encode(text: string, form: 'invoke' | 'converse'): Buffer {
  const [, name = '', data = ''] = /^event: (\w+)\ndata: (.*)\n\n$/s.exec(text) ?? [];
  if (name === '') return Buffer.from(text, 'latin1');
  if (/exception$/i.test(name)) return message('exception', name, data);
  // Padding hides the length of what is said.
  const p = PADDING.slice(0, 1 + (data.length % PADDING.length));
  if (form === 'invoke') {
    return message('event', 'chunk', JSON.stringify({ bytes: Buffer.from(data).toString('base64'), p }));
  }
  return message('event', name, data.replace(/\}$/, `${data === '{}' ? '' : ','}"p":"${p}"}`));
}

function message(kind: 'event' | 'exception', type: string, payload: string): Buffer {
  const text = (value: string) => ({ type: 'string' as const, value });
  const headers = {
    [`:${kind}-type`]: text(type),
    ':content-type': text('application/json'),
    ':message-type': text(kind),
  };
  return Buffer.from(codec.encode({ headers, body: Buffer.from(payload) }));
}
