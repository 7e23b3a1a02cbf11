import { asNumber, asString } from './read-json.ts';
import type { Json, Opaque, Origin, ProtocolId } from './request.ts';

/**
 * What a client of one protocol carries for an upstream of another: a sealed envelope in the place where the client
 * keeps what it cannot read (a signature, encrypted reasoning). It names the origin and holds the origin's own value, so
 * that both go back there and nowhere else. How it is sealed is given by the caller; nothing here knows a key.
 *
 * The text is base64 from its first letter on, because some clients decode the field and write it again.
 */
export interface Seals {
  /** The same content gives the same bytes: prompt caches depend on it. */
  seal(content: Uint8Array): Buffer;
  /** `undefined` for anything these seals did not close. */
  open(sealed: Uint8Array): Buffer | undefined;
}

const mark = 'qingzhouEnv1';
/** Also of earlier and later forms: whatever begins so is ours and means nothing to a provider. */
const anyMark = 'qingzhou';
export const envelopeBytes = Buffer.from(`"${anyMark}`);

/** Values above this are not carried, and envelopes above twice this not opened. */
const maxValueLength = 1024 * 1024;

export function isEnvelope(text: string): boolean {
  return text.startsWith(anyMark);
}

/** Reasoning of one block as an envelope carries it. */
export interface Carried {
  readonly origin: Origin;
  readonly opaque?: Opaque;
  /** UTF-16 units of the text that the opaque value belongs to. */
  readonly textLength: number;
}

export function sealReasoning(seals: Seals, { origin, opaque, textLength }: Carried): string {
  const value = opaque === undefined || opaque.value.length > maxValueLength ? undefined : opaque;
  const { encoding, bytes } = packed(value?.value ?? '');
  const { protocol, model, host = '', account = '' } = origin;
  const kind = value?.kind ?? '';
  return write(seals, ['reasoning', protocol, host, account, model, kind, encoding, textLength], bytes);
}

/** `undefined` for an envelope that was changed, that another organization carries, or that holds something else. */
export function openReasoning(seals: Seals, text: string): Carried | undefined {
  const opened = read(seals, text, 'reasoning');
  if (opened === undefined) return undefined;
  const { header, bytes } = opened;
  const [protocol, host, account, model, kind, encoding] = header
    .slice(1)
    .map((field) => asString(field) ?? '');
  const origin: Origin = {
    protocol: protocol as ProtocolId,
    model: model ?? '',
    ...(host === '' || host === undefined ? {} : { host }),
    ...(account === '' || account === undefined ? {} : { account }),
  };
  const textLength = asNumber(header[7]) ?? 0;
  if (kind === '' || kind === undefined) return { origin, textLength };
  const value = bytes.toString(encodings.find((known) => known === encoding) ?? 'utf8');
  return { origin, opaque: { kind: kind as Opaque['kind'], value, origin }, textLength };
}

/** A text that a client carries and cannot read: the summary that stands for a compacted history. */
export function sealText(seals: Seals, text: string): string {
  return write(seals, ['text'], Buffer.from(text));
}

export function openText(seals: Seals, envelope: string): string | undefined {
  return read(seals, envelope, 'text')?.bytes.toString('utf8');
}

/** How a summary that stands for a longer history is told to a model. */
export function summaryText(summary: string): string {
  return `Summary of the conversation so far:\n\n${summary}`;
}

const encodings = ['base64', 'base64url', 'utf8'] as const;

/** Most values are base64 already; their bytes take three quarters of the room. */
function packed(value: string): { readonly encoding: (typeof encodings)[number]; readonly bytes: Buffer } {
  for (const encoding of encodings) {
    const bytes = Buffer.from(value, encoding);
    if (encoding === 'utf8' || bytes.toString(encoding) === value) return { encoding, bytes };
  }
  return { encoding: 'utf8', bytes: Buffer.from(value) };
}

function write(seals: Seals, header: readonly Json[], bytes: Buffer): string {
  const content = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), bytes]);
  return mark + seals.seal(content).toString('base64');
}

interface Opened {
  readonly header: readonly Json[];
  readonly bytes: Buffer;
}

function read(seals: Seals, text: string, type: string): Opened | undefined {
  if (!text.startsWith(mark) || text.length > 2 * maxValueLength) return undefined;
  // Either alphabet: clients that decode the field may write it again in the other one.
  const content = seals.open(Buffer.from(text.slice(mark.length), 'base64'));
  const end = content?.indexOf('\n') ?? -1;
  if (content === undefined || end === -1) return undefined;
  const header = JSON.parse(content.toString('utf8', 0, end)) as readonly Json[];
  return header[0] === type ? { header, bytes: content.subarray(end + 1) } : undefined;
}
