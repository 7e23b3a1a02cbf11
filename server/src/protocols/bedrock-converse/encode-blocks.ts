import type { LossList } from '../canonical/losses.ts';
import { encodeCallId, encodeName } from '../canonical/names.ts';
import { hashHex } from '../canonical/hash.ts';
import { asObject, parseObject } from '../canonical/read-json.ts';
import type {
  CacheMark,
  Json,
  JsonObject,
  MediaPart,
  Part,
  ReasoningPart,
  ToolResultPart,
} from '../canonical/request.ts';
import { encodeMedia, type DocumentNames } from './encode-media.ts';
import type { ModelTraits } from './model-traits.ts';

/** Canonical parts to content blocks of Converse: objects with one key, which says what they are. */
export const maxNameLength = 64;
const maxIdLength = 64;
/** The wire takes no blank text, and a result needs some content. */
const emptyResult = '(no output)';

export interface BlockContext {
  readonly traits: ModelTraits;
  readonly losses: LossList;
  readonly documents: DocumentNames;
}

/** Media that a model does not take inside a tool result; they follow it. */
type Moved = MediaPart[];

/** Blocks of one turn. */
export function encodeParts(parts: readonly Part[], context: BlockContext): JsonObject[] {
  const moved: Moved = [];
  const blocks = parts.flatMap((part) => encodePart(part, moved, context));
  if (moved.length > 0) context.losses.add('tool_result_media_moved');
  return [...blocks, ...moved.flatMap((part) => encodeMedia(part, context))];
}

/** None where the wire would refuse it (blank text, foreign reasoning) or has no word for it. */
function encodePart(part: Part, moved: Moved, context: BlockContext): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return part.text.trim() === ''
        ? []
        : [{ text: part.text }, ...cachePoint(part.cache, 'messages', context)];
    case 'image':
    case 'document':
    case 'audio':
    case 'video':
      return [...encodeMedia(part, context), ...cachePoint(part.cache, 'messages', context)];
    case 'reasoning':
      return encodeReasoning(part);
    case 'tool-call': {
      const toolUse = {
        toolUseId: callId(part.id, context),
        name: encodeName(part.name, maxNameLength),
        input: toInput(part.argumentsText),
      };
      return [{ toolUse }, ...cachePoint(part.cache, 'messages', context)];
    }
    case 'tool-result':
      return [encodeResult(part, moved, context), ...cachePoint(part.cache, 'messages', context)];
    case 'refusal':
      return part.text.trim() === '' ? [] : [{ text: part.text }];
    case 'unknown':
      break;
  }
  const own = part.protocol === 'bedrock-converse' ? asObject(part.data) : undefined;
  if (own !== undefined) return [own];
  if (part.asText !== undefined) return [{ text: part.asText }];
  context.losses.add('block_dropped');
  return [];
}

/** A mark becomes a block of its own behind the marked one, where the model has a cache. */
export function cachePoint(
  mark: CacheMark | undefined,
  place: ModelTraits['cachePlaces'][number],
  { traits }: Pick<BlockContext, 'traits'>,
): readonly JsonObject[] {
  if (mark === undefined || !traits.cachePlaces.includes(place)) return [];
  const isLong = mark.ttl !== undefined && mark.ttl !== '5m' && mark.ttl !== '30m' && traits.hasLongCache;
  return [{ cachePoint: { type: 'default', ...(isLong ? { ttl: '1h' } : {}) } }];
}

/** Reasoning goes back to this protocol with what it signed or sealed, and to nobody else. */
function encodeReasoning({ text, opaque }: ReasoningPart): readonly JsonObject[] {
  if (opaque?.origin.protocol !== 'bedrock-converse') return [];
  if (opaque.kind === 'redacted') return [{ reasoningContent: { redactedContent: opaque.value } }];
  if (opaque.kind !== 'signature') return [];
  return [{ reasoningContent: { reasoningText: { text, signature: opaque.value } } }];
}

const nineLetters = /^[A-Za-z0-9]{9}$/;

function callId(id: string, { traits }: BlockContext): string {
  if (!traits.hasNineLetterIds) return encodeCallId(id, 'tooluse_', maxIdLength);
  return nineLetters.test(id) ? id : hashHex(id).slice(0, 9);
}

/** Arguments as the object the wire demands; what is no object is kept under a fixed key, so that history encodes. */
function toInput(argumentsText: string): JsonObject {
  if (argumentsText.trim() === '') return {};
  const object = parseObject(argumentsText);
  if (object !== undefined) return object;
  try {
    return { value: JSON.parse(argumentsText) as Json };
  } catch {
    return { _raw: argumentsText };
  }
}

function encodeResult(part: ToolResultPart, moved: Moved, context: BlockContext): JsonObject {
  const { traits } = context;
  const content: JsonObject[] = [];
  for (const inner of part.parts) {
    if (inner.type === 'text') {
      if (inner.text.trim() !== '') content.push({ text: inner.text });
    } else if (inner.type !== 'unknown' && !traits.takesResultMedia) moved.push(inner);
    else
      content.push(...encodePart(inner, moved, context).filter((block) => block['cachePoint'] === undefined));
  }
  if (content.length === 0) content.push({ text: emptyResult });
  if (part.isError && !traits.takesResultStatus) content.unshift({ text: 'Error:' });
  return {
    toolResult: {
      toolUseId: callId(part.callId, context),
      content,
      ...(traits.takesResultStatus ? { status: part.isError ? 'error' : 'success' } : {}),
    },
  };
}
