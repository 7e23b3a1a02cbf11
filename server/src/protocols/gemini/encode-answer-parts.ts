import type { StopReason } from '../canonical/events.ts';
import { asObject, defined } from '../canonical/read-json.ts';
import type { CanonicalRequest, Citation, Json, JsonObject, Opaque } from '../canonical/request.ts';
import { writeSignature } from './thought-signatures.ts';

/** Pieces of an answer in this protocol's form, for streams and whole bodies alike. */
const finishReasons: Readonly<Record<StopReason, string>> = {
  end: 'STOP',
  length: 'MAX_TOKENS',
  'context-full': 'MAX_TOKENS',
  'stop-sequence': 'STOP',
  'tool-calls': 'STOP',
  refusal: 'SAFETY',
  filter: 'SAFETY',
  pause: 'STOP',
  malformed: 'MALFORMED_FUNCTION_CALL',
  other: 'OTHER',
};

export function finishReason(reason: StopReason): string {
  return finishReasons[reason];
}

/** Thoughts go to the client that asked for them. */
export function showsThoughts({ reasoning }: CanonicalRequest): boolean {
  return reasoning?.show === 'summary' || reasoning?.show === 'full';
}

/** Arguments as the object the wire demands; what is no object is kept under a fixed key, so that nothing is lost. */
export function argumentsObject(argumentsText: string): JsonObject {
  if (argumentsText.trim() === '') return {};
  try {
    const value = JSON.parse(argumentsText) as Json;
    return asObject(value) ?? { value };
  } catch {
    return { _raw: argumentsText };
  }
}

interface AnsweredCall {
  readonly id: string;
  readonly name: string;
  readonly argumentsText: string;
  readonly opaque?: Opaque;
  readonly envelope?: string;
}

export function callPart(call: AnsweredCall): JsonObject {
  const { id, name, argumentsText } = call;
  const functionCall = { ...(id === '' ? {} : { id }), name, args: argumentsObject(argumentsText) };
  return { functionCall, ...defined({ thoughtSignature: writeSignature(call) }) };
}

/** The signature of a text is the provider's own business and is always told; that of a thought goes with the thought. */
export function signaturePart(opaque: Opaque, thoughtSignature: string, hasThought: boolean): JsonObject {
  const isOfText = opaque.kind === 'thought-signature' && !hasThought;
  return isOfText ? { text: '', thoughtSignature } : { text: '', thought: true, thoughtSignature };
}

/** Citations with the text they belong to, whose spans count in bytes from the beginning of the answer. */
export interface CitedText {
  readonly citations: readonly Citation[];
  readonly startBytes: number;
  readonly endBytes: number;
  /** Absent where it was not kept: then each citation spans the whole text. */
  readonly text?: string;
}

/** The part of the text that rests on the source; the wire repeats its words. */
function segmentOf(citation: Citation, { startBytes, endBytes, text }: CitedText): JsonObject {
  const { start = 0, end, citedText } = citation;
  const whole = { startIndex: startBytes, endIndex: endBytes, text: citedText ?? '' };
  if (text === undefined || end === undefined || end <= start || end > text.length) return whole;
  const startIndex = startBytes + Buffer.byteLength(text.slice(0, start));
  const words = text.slice(start, end);
  return { startIndex, endIndex: startIndex + Buffer.byteLength(words), text: words };
}

/** Web sources of the answer; a citation without an address has no form here. */
export function groundingOf(cited: readonly CitedText[], webSearchQueries: readonly string[]): JsonObject {
  const addresses: string[] = [];
  const groundingChunks: JsonObject[] = [];
  const groundingSupports: JsonObject[] = [];
  for (const block of cited) {
    for (const citation of block.citations) {
      const { url, title } = citation;
      if (url === undefined) continue;
      if (!addresses.includes(url)) {
        addresses.push(url);
        groundingChunks.push({ web: { uri: url, title: title ?? '' } });
      }
      groundingSupports.push({
        segment: segmentOf(citation, block),
        groundingChunkIndices: [addresses.indexOf(url)],
      });
    }
  }
  if (groundingChunks.length === 0 && webSearchQueries.length === 0) return {};
  const searched = webSearchQueries.length === 0 ? {} : { webSearchQueries };
  return { groundingMetadata: { ...searched, groundingChunks, groundingSupports } };
}
