import { collect } from '../canonical/collect.ts';
import type { CanonicalEvent } from '../canonical/events.ts';
import type { CanonicalRequest, Json, JsonObject, Opaque, Part } from '../canonical/request.ts';
import { asObject } from '../canonical/read-json.ts';
import {
  callPart,
  finishReason,
  groundingOf,
  showsThoughts,
  signaturePart,
  type CitedText,
} from './encode-answer-parts.ts';
import { encodeUsage } from './encode-usage.ts';
import { writeOriginMark, writeSignature } from './thought-signatures.ts';

/** Client half: a finished answer as one response. */
export function encodeUnary(events: readonly CanonicalEvent[], request: CanonicalRequest): JsonObject {
  const answer = collect(events);
  const parts: JsonObject[] = [];
  const cited: CitedText[] = [];
  let bytes = 0;
  for (const part of answer.parts) {
    if (part.type === 'text') {
      const endBytes = bytes + Buffer.byteLength(part.text);
      cited.push({ citations: part.citations ?? [], startBytes: bytes, endBytes });
      bytes = endBytes;
    }
    addPart(parts, part, request);
  }
  return {
    candidates: [
      {
        ...(parts.length === 0 ? {} : { content: { parts, role: 'model' } }),
        finishReason: finishReason(answer.stop),
        index: 0,
        ...groundingOf(cited),
      },
    ],
    usageMetadata: encodeUsage(answer.usage),
    modelVersion: answer.model === '' ? request.model : answer.model,
    ...(answer.id === '' ? {} : { responseId: answer.id }),
  };
}

function addPart(parts: JsonObject[], part: Part, request: CanonicalRequest): void {
  switch (part.type) {
    case 'text':
    case 'refusal':
      parts.push({ text: part.text });
      break;
    case 'reasoning':
      addThought(parts, part, showsThoughts(request));
      break;
    case 'tool-call':
      parts.push(callPart(part));
      break;
    case 'unknown':
      if (part.protocol === 'gemini') parts.push(asObject(part.data) ?? {});
      break;
    case 'image':
    case 'document':
    case 'audio':
    case 'video':
    case 'tool-result':
      break;
  }
}

function addThought(
  parts: JsonObject[],
  { text, opaque, origin }: Extract<Part, { type: 'reasoning' }>,
  isShown: boolean,
): void {
  if (text === '' && opaque !== undefined) {
    addSignature(parts, opaque, isShown);
    return;
  }
  if (!isShown || text === '') return;
  const isForeign = origin !== undefined && origin.protocol !== 'gemini';
  const mark =
    opaque === undefined ? (isForeign ? writeOriginMark(origin) : undefined) : writeSignature(opaque);
  const signature: Json | undefined = mark;
  parts.push({ text, thought: true, ...(signature === undefined ? {} : { thoughtSignature: signature }) });
}

/** The signature of a text stands on the text. */
function addSignature(parts: JsonObject[], opaque: Opaque, isShown: boolean): void {
  const last = parts.at(-1);
  const part = signaturePart(opaque, false);
  const isOfText = part['thought'] === undefined;
  const isOpenText =
    last?.['text'] !== undefined && last['thought'] === undefined && last['thoughtSignature'] === undefined;
  if (isOfText && isOpenText) {
    parts[parts.length - 1] = { ...last, thoughtSignature: part['thoughtSignature'] ?? '' };
  } else if (isOfText || isShown) parts.push(part);
}
