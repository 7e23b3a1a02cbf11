import { collect } from '../canonical/collect.ts';
import type { CanonicalEvent } from '../canonical/events.ts';
import { encodeCallId } from '../canonical/names.ts';
import { asObject, asString } from '../canonical/read-json.ts';
import type { CanonicalRequest, JsonObject, Part, ReasoningPart, TextPart } from '../canonical/request.ts';
import { toInput } from './encode-blocks.ts';
import { asksThinking, encodeCitation, encodeStopReason, isThinking, messageId } from './encode-events.ts';
import { writeSteps } from './hosted-tools.ts';
import { cutAtCitations } from './cited-texts.ts';
import { encodeUsage } from './encode-usage.ts';

/** Client half: a finished answer as one Anthropic message. */
export function encodeUnary(events: readonly CanonicalEvent[], request: CanonicalRequest): JsonObject {
  const answer = collect(events);
  return {
    id: messageId(answer.id),
    type: 'message',
    role: 'assistant',
    model: answer.model === '' ? request.model : answer.model,
    content: withoutHiddenEnd(
      answer.parts
        .flatMap((part) => [
          carriedSignature(part, request),
          ...(part.type === 'text' ? encodeAnswerTexts(part) : [encodeAnswerPart(part, request)]),
          ...hostedBlocks(part),
        ])
        .filter((block) => block !== undefined),
      answer.parts,
    ),
    stop_reason: encodeStopReason(answer.stop, request),
    stop_sequence: answer.sequence ?? null,
    usage: encodeUsage(answer.usage),
  };
}

/** As in the stream, hidden reasoning of another provider is never the last of what is said. */
function withoutHiddenEnd(blocks: readonly JsonObject[], parts: readonly Part[]): readonly JsonObject[] {
  const own = parts.map((part) =>
    part.type === 'reasoning' && isOwn(part) ? part.opaque?.value : undefined,
  );
  const isHidden = ({ type, data }: JsonObject): boolean =>
    type === 'redacted_thinking' && !own.includes(asString(data));
  const end = blocks.findLastIndex((block) => !isHidden(block)) + 1;
  return blocks.slice(0, end).every(isThinking) ? blocks : blocks.slice(0, end);
}

function isOwn({ opaque }: ReasoningPart): boolean {
  return opaque?.origin.protocol === 'anthropic-messages';
}

function encodeAnswerPart(part: Part, request: CanonicalRequest): JsonObject | undefined {
  switch (part.type) {
    case 'refusal':
      return { type: 'text', text: part.text };
    case 'reasoning':
      return encodeAnswerThinking(part, request);
    case 'tool-call':
      return {
        type: 'tool_use',
        id: encodeCallId(part.id, 'toolu_', 64),
        name: part.name,
        input: toInput(part.argumentsText),
      };
    case 'unknown':
      return part.protocol === 'anthropic-messages' ? asObject(part.data) : undefined;
    case 'text':
    case 'image':
    case 'document':
    case 'audio':
    case 'video':
    case 'tool-result':
      break;
  }
  return undefined;
}

/** Steps of another provider's tool are told as if this provider's own had taken them. */
function hostedBlocks(part: Part): readonly JsonObject[] {
  const isForeign = part.type === 'unknown' && part.protocol !== 'anthropic-messages';
  return isForeign ? writeSteps(part.steps ?? []) : [];
}

/** A foreign signature on a call stands in a block of its own before it. */
function carriedSignature(part: Part, request: CanonicalRequest): JsonObject | undefined {
  const envelope = part.type === 'tool-call' ? part.envelope : undefined;
  return envelope === undefined ? undefined : hiddenThinking(envelope, request);
}

function encodeAnswerTexts(part: TextPart): readonly JsonObject[] {
  return cutAtCitations(part).map(({ text, citations: given }) => {
    const citations = given.map(encodeCitation).filter((citation) => citation !== undefined);
    return { type: 'text', text, ...(citations.length === 0 ? {} : { citations }) };
  });
}

function encodeAnswerThinking(part: ReasoningPart, request: CanonicalRequest): JsonObject | undefined {
  const { reasoning } = request;
  const { opaque, origin, envelope } = part;
  if (opaque?.origin.protocol === 'anthropic-messages') {
    return opaque.kind === 'redacted'
      ? { type: 'redacted_thinking', data: opaque.value }
      : { type: 'thinking', thinking: part.text, signature: opaque.value };
  }
  const isOwn = origin?.protocol === 'anthropic-messages';
  const isHidden = !isOwn && (reasoning?.style === 'off' || reasoning?.show === 'none');
  if (part.text === '' || isHidden) {
    return opaque === undefined || envelope === undefined ? undefined : hiddenThinking(envelope, request);
  }
  return { type: 'thinking', thinking: part.text, signature: envelope ?? '' };
}

/** Reasoning without words, of another provider: a client that asked to think carries it back. */
function hiddenThinking(envelope: string, request: CanonicalRequest): JsonObject | undefined {
  return asksThinking(request) ? { type: 'redacted_thinking', data: envelope } : undefined;
}
