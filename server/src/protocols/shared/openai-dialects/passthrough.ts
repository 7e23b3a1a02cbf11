import type { ModelAbilities } from '../../../domain/model-abilities.ts';
import { scanJson, type Span } from '../../../platform/json-scan.ts';
import type { LossCode } from '../../canonical/losses.ts';
import { parseObject } from '../../canonical/read-json.ts';
import type { Json, JsonObject } from '../../canonical/request.ts';
import type { Dialect } from './dialect.ts';
import { messagesOf } from './messages.ts';
import { quirksApplied } from './speak.ts';

export interface PassedOn {
  readonly dialect: Dialect;
  readonly accepts: ModelAbilities;
  readonly lose: (code: LossCode) => void;
}

/**
 * A client's own body for a server of this dialect: the same buffer where the server takes it as it is, else with the fields
 * and messages it would refuse replaced, and everything else byte for byte.
 */
export function respeak(body: Buffer, { dialect, accepts, lose }: PassedOn): Buffer {
  if (dialect.quirks.length === 0) return body;
  const said = parseObject(body.toString());
  if (said === undefined) return body;
  const spoken = quirksApplied(said, { dialect, accepts, lose, isTranslated: false });
  return spoken === said ? body : written(body, said, spoken);
}

function written(body: Buffer, said: JsonObject, spoken: JsonObject): Buffer {
  const spans = scanJson(body).values;
  const parts: Uint8Array[] = [];
  for (const [field, value] of Object.entries(spoken)) {
    const span = spans.get(field);
    parts.push(Buffer.from(`${parts.length === 0 ? '{' : ','}${JSON.stringify(field)}:`));
    if (span !== undefined && value === said[field]) parts.push(body.subarray(span.start, span.end));
    else if (span !== undefined && field === 'messages')
      parts.push(...writtenMessages(body, span, { said, spoken }));
    else parts.push(Buffer.from(JSON.stringify(value)));
  }
  parts.push(Buffer.from('}'));
  return Buffer.concat(parts);
}

/** Messages that are still the client's own keep their bytes. */
function writtenMessages(
  body: Buffer,
  span: Span,
  { said, spoken }: { readonly said: JsonObject; readonly spoken: JsonObject },
): readonly Uint8Array[] {
  const before = messagesOf(said) ?? [];
  const spans = elementSpans(body, span);
  const spanOf = new Map<Json, Span | undefined>(before.map((message, index) => [message, spans[index]]));
  const after = messagesOf(spoken) ?? [];
  const parts = after.flatMap((message, index): Uint8Array[] => {
    const own = spanOf.get(message);
    const bytes =
      own === undefined ? Buffer.from(JSON.stringify(message)) : body.subarray(own.start, own.end);
    return [Buffer.from(index === 0 ? '[' : ','), bytes];
  });
  return [...(parts.length === 0 ? [Buffer.from('[')] : parts), Buffer.from(']')];
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const opening: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const closing: ReadonlySet<number> = new Set([0x5d, 0x7d]);
const blank: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Where the elements of a list lie, which is known to be JSON. White space around them goes with them. */
function elementSpans(bytes: Buffer, list: Span): readonly Span[] {
  const spans: Span[] = [];
  let depth = 0;
  let start = list.start + 1;
  for (let at = start; at < list.end - 1; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) at = stringEnd(bytes, at);
    else if (opening.has(byte)) depth += 1;
    else if (closing.has(byte)) depth -= 1;
    else if (byte === comma && depth === 0) {
      spans.push({ start, end: at });
      start = at + 1;
    }
  }
  const rest = bytes.subarray(start, list.end - 1);
  return rest.every((byte) => blank.has(byte)) ? spans : [...spans, { start, end: list.end - 1 }];
}

/** The closing quote of the string that opens at `at`. */
function stringEnd(bytes: Buffer, at: number): number {
  for (let next = at + 1; next < bytes.length; next += 1) {
    if (bytes[next] === backslash) next += 1;
    else if (bytes[next] === quote) return next;
  }
  return bytes.length;
}
