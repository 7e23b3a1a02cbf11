import { choicesOf, eventsOfChoice, tokenLogprobs } from '../canonical/choices.ts';
import { collect, type CollectedAnswer } from '../canonical/collect.ts';
import type { CanonicalEvent } from '../canonical/events.ts';
import type { CanonicalRequest, JsonObject, Part } from '../canonical/request.ts';
import { asObject, defined } from '../canonical/read-json.ts';
import {
  callPart,
  finishReason,
  groundingOf,
  showsThoughts,
  signaturePart,
  type CitedText,
} from './encode-answer-parts.ts';
import { encodeUsage } from './encode-usage.ts';
import { encodeLogprobs } from './logprobs.ts';
import { queriesOf, writeSteps } from './hosted-tools.ts';
import { writeSignature } from './thought-signatures.ts';

/** Client half: a finished answer as one response. */
export function encodeUnary(events: readonly CanonicalEvent[], request: CanonicalRequest): JsonObject {
  const answers = Array.from({ length: choicesOf(request) }, (_, index) => {
    const own = eventsOfChoice(events, index);
    const answer = collect(own);
    const candidate = { ...encodeCandidate(answer, request), index, ...encodeLogprobs(tokenLogprobs(own)) };
    return { answer, candidate };
  });
  const first = answers[0]?.answer ?? collect(events);
  return {
    candidates: answers.map(({ candidate }) => candidate),
    usageMetadata: encodeUsage(first.usage),
    modelVersion: first.model === '' ? request.model : first.model,
    ...(first.id === '' ? {} : { responseId: first.id }),
  };
}

function encodeCandidate(answer: CollectedAnswer, request: CanonicalRequest): JsonObject {
  const parts: JsonObject[] = [];
  const cited: CitedText[] = [];
  const queries = answer.parts.flatMap((part) =>
    part.type === 'unknown' ? queriesOf(part.steps ?? []) : [],
  );
  let bytes = 0;
  for (const part of answer.parts) {
    if (part.type === 'text') {
      const endBytes = bytes + Buffer.byteLength(part.text);
      cited.push({ citations: part.citations ?? [], startBytes: bytes, endBytes, text: part.text });
      bytes = endBytes;
    }
    addPart(parts, part, request);
  }
  return {
    ...(parts.length === 0 ? {} : { content: { parts, role: 'model' } }),
    finishReason: finishReason(answer.stop),
    ...groundingOf(cited, queries),
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
      if (part.protocol !== 'gemini') parts.push(...writeSteps(part.steps ?? []));
      else if (part.data !== null) parts.push(asObject(part.data) ?? {});
      break;
    case 'image':
    case 'document':
    case 'audio':
    case 'video':
    case 'tool-result':
      break;
  }
}

function addThought(parts: JsonObject[], part: Extract<Part, { type: 'reasoning' }>, isShown: boolean): void {
  const { text, opaque } = part;
  const thoughtSignature = writeSignature(part);
  if (text === '' && opaque !== undefined) {
    if (thoughtSignature !== undefined)
      addSignature(parts, signaturePart(opaque, thoughtSignature, false), isShown);
    return;
  }
  if (!isShown || text === '') return;
  parts.push({ text, thought: true, ...defined({ thoughtSignature }) });
}

/** The signature of a text stands on the text. */
function addSignature(parts: JsonObject[], part: JsonObject, isShown: boolean): void {
  const last = parts.at(-1);
  const isOfText = part['thought'] === undefined;
  const isOpenText =
    last?.['text'] !== undefined && last['thought'] === undefined && last['thoughtSignature'] === undefined;
  if (isOfText && isOpenText) {
    parts[parts.length - 1] = { ...last, thoughtSignature: part['thoughtSignature'] ?? '' };
  } else if (isOfText || isShown) parts.push(part);
}
